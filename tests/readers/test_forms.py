"""Input forms: one after another, typed, switched, skipped, left alone."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from countertop.errors import ReaderError
from countertop.gateway import ActionEnded, InputChoice, InputField, InputResult, InputsCollected, InputToggle

CHOICES = (InputChoice("yes", "Yes, please", "primary"), InputChoice("no", "No"))
NEWS = InputToggle("News", "by mail", False)
MINUTES_2 = 120_000


def show(rig, *fields: InputField, **more) -> tuple[str, str]:
    serial = rig.simulated()
    return serial, rig.start(serial, 0, "", kind="collect_inputs", inputs=fields, timeout_ms=MINUTES_2, **more)


def test_a_form_shows_its_words_switches_and_buttons(rig):
    serial, _ = show(rig, InputField("email", "Your email", "For the receipt", "Send", "Rather not", toggles=(NEWS,)))
    screen = rig.screen(serial)
    assert (rig.phase(serial), screen.prompt, screen.title, screen.lines) == (
        "form",
        "form",
        "Your email",
        ("For the receipt", "name@example.com"),
    )
    assert screen.buttons == ("toggle_1", "skip")
    assert screen.captions == ("[ ] News: by mail", "Rather not")
    rig.do(serial, "enter", "jenny@example.com", submit=False)
    rig.do(serial, "toggle", 0)
    screen = rig.screen(serial)
    assert screen.captions == ("[x] News: by mail", "Send", "Rather not")
    assert "> jenny@example.com" in screen.text


def test_forms_come_one_after_another_and_are_told_in_order(rig):
    fields = (
        InputField("text", "Name", toggles=(InputToggle("A", None, True), InputToggle("B", None, False))),
        InputField("selection", "A bag?", choices=CHOICES),
        InputField("phone", "Phone"),
        InputField("numeric", "Table", required=True),
    )
    serial, action = show(rig, *fields)
    rig.do(serial, "toggle", 1)
    rig.do(serial, "enter", "Jenny")
    assert rig.screen(serial).captions == ("Yes, please", "No", "Skip")
    rig.do(serial, "enter", "no")
    rig.do(serial, "skip")
    assert rig.screen(serial).buttons == ()
    rig.do(serial, "enter", "17", submit=False)
    rig.press(serial, "submit")
    assert rig.said(InputsCollected) == [
        InputsCollected(
            action,
            (
                InputResult(False, "Jenny", (True, True)),
                InputResult(False, "no"),
                InputResult(True),
                InputResult(False, "17"),
            ),
        )
    ]
    assert [type(message) for _, message in rig.heard] == [InputsCollected, ActionEnded]
    assert rig.ended() == [ActionEnded(action, True)]
    assert (rig.phase(serial), rig.screen(serial).title) == ("thanks", "Thank you")
    rig.advance(3_000)
    assert rig.phase(serial) == "idle"


def test_a_choice_is_a_button(rig):
    serial, action = show(rig, InputField("selection", "A bag?", choices=CHOICES, required=True))
    rig.press(serial, "choice_1")
    assert rig.said(InputsCollected) == [InputsCollected(action, (InputResult(False, "yes"),))]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("email", ["a@b.co", "x.y+z@sub.example.com"], ["", "a", "a@b", "a b@c.de", "a@b@c.de", "@b.co", "a" * 500 + "@b.co"]),
        ("phone", ["+14155550100", "+4930123456"], ["", "4155550100", "+0123456789", "+1", "+1415555010012345", "+1 415"]),
        ("numeric", ["0", "0017"], ["", "1.5", "-1", "12a", "١٢"]),
        ("text", ["Jenny", "日本"], ["", "   ", "x" * 501]),
        ("selection", ["yes"], ["", "Yes, please", "maybe"]),
        ("signature", ['<svg xmlns="http://www.w3.org/2000/svg"></svg>'], ["", "<html></html>", "<svg>", "<svg>" + "x" * 100_000 + "</svg>"]),
    ],
)  # fmt: skip
def test_a_value_fits_its_kind_or_is_refused_with_a_hint(rig, kind, good, bad):
    choices = CHOICES if kind == "selection" else ()
    for value in good:
        serial, action = show(rig, InputField(kind, "Title", choices=choices))
        rig.do(serial, "enter", value)
        assert rig.said(InputsCollected)[-1] == InputsCollected(action, (InputResult(False, value),))
    serial, _ = show(rig, InputField(kind, "Title", choices=choices))
    for value in bad:
        with pytest.raises(ReaderError) as refusal:
            rig.do(serial, "enter", value)
        assert refusal.value.hint
    assert rig.phase(serial) == "form"


def test_a_required_form_is_not_skipped_and_an_empty_one_not_handed_in(rig):
    serial, _ = show(rig, InputField("text", "Name", required=True))
    for hand, argument in (("press", "skip"), ("press", "submit"), ("toggle", 0)):
        with pytest.raises(ReaderError):
            rig.do(serial, hand, argument)
    with pytest.raises(ReaderError, match="required"):
        rig.do(serial, "skip")
    assert rig.phase(serial) == "form"


def test_two_minutes_after_the_last_touch_it_is_over(rig):
    serial, action = show(rig, InputField("text", "Name", toggles=(NEWS,)), InputField("text", "Town"))
    rig.advance(MINUTES_2 - 1)
    rig.do(serial, "toggle", 0)
    rig.advance(MINUTES_2 - 1)
    rig.do(serial, "enter", "Jenny")
    rig.advance(MINUTES_2 - 1)
    assert rig.ended() == []
    rig.advance(1)
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "timed_out")]
    assert rig.phase(serial) == "idle"
    assert rig.said(InputsCollected) == []


def test_a_form_is_called_off_or_replaced(rig):
    serial, action = show(rig, InputField("text", "Name"))
    rig.cancel(serial, action)
    assert rig.phase(serial) == "idle"
    rig.start(serial, kind="collect_inputs", inputs=(InputField("text", "Name"),))
    assert rig.refusal(serial) is None
    rig.start(serial)
    assert rig.phase(serial) == "waiting"
    assert rig.ended() == []


KINDS = ("signature", "selection", "email", "phone", "text", "numeric")


def test_the_test_helper_fills_every_kind(rig):
    fields = [InputField(kind, "Title", choices=CHOICES if kind == "selection" else ()) for kind in KINDS]
    serial, action = show(rig, *fields)
    rig.do(serial, "enter", '<svg id="mine"></svg>')
    rig.do(serial, "complete_inputs", skip_optional=False)
    results = rig.said(InputsCollected)[0].results
    assert len(results) == len(fields)
    assert results[0].value == '<svg id="mine"></svg>'
    assert [result.value for result in results[1:]] == [
        "yes",
        "jenny@example.com",
        "+14155550100",
        "Jenny Rosen",
        "1234",
    ]
    assert rig.ended() == [ActionEnded(action, True)]


def test_the_signature_of_the_test_helper_is_a_drawing(rig):
    serial, _ = show(rig, InputField("signature", "Sign here"))
    rig.do(serial, "complete_inputs", skip_optional=False)
    drawing = ElementTree.fromstring(rig.said(InputsCollected)[0].results[0].value)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_test_helper_skips_what_may_be_skipped(rig):
    serial, _ = show(rig, InputField("text", "Name", toggles=(NEWS,)), InputField("text", "Town", required=True))
    rig.do(serial, "complete_inputs", skip_optional=True)
    assert [(result.skipped, result.toggles) for result in rig.said(InputsCollected)[0].results] == [
        (True, ()),
        (False, ()),
    ]


def test_the_test_helper_lets_the_time_run_out(rig):
    serial, action = show(rig, InputField("text", "Name"))
    rig.do(serial, "time_out_inputs")
    assert [(end.action, end.failure_code) for end in rig.ended()] == [(action, "timed_out")]


def test_without_a_form_there_is_nothing_to_fill_in(rig):
    serial = rig.simulated()
    hands = [("enter", "x"), ("skip",), ("toggle", 0), ("time_out_inputs",)]
    for hand, *arguments in hands:
        with pytest.raises(ReaderError, match="shows no form"):
            rig.do(serial, hand, *arguments)
    with pytest.raises(ReaderError, match="shows no form"):
        rig.do(serial, "complete_inputs", skip_optional=False)


def test_what_was_entered_without_a_network_is_told_later(rig):
    serial, action = show(rig, InputField("text", "Name", toggles=(NEWS,)), InputField("signature", "Sign here"))
    rig.fault(serial, "offline")
    rig.do(serial, "complete_inputs", skip_optional=False)
    assert rig.heard == []
    rig.fault(serial, "offline", on=False)
    assert rig.said(InputsCollected)[0].results[0] == InputResult(False, "Jenny Rosen", (False,))
    assert rig.ended() == [ActionEnded(action, True)]


def test_a_half_filled_form_survives_a_failed_commit(rig):
    serial, _ = show(rig, InputField("text", "Name"), InputField("selection", "Bag?", choices=CHOICES))
    rig.do(serial, "enter", "Jenny")
    with rig.tx() as tx:
        rig.fleet.requeue(tx)
    rig.advance(MINUTES_2)
    assert [end.failure_code for end in rig.ended()] == ["timed_out"]
