"""Every action × every state of a reader × every state of an intent: the documented answer, and never a 500.

Derived from terminal.md §2.3 and §2.4: the reader is asked first, then the intent.  The expectation of a cell is
computed from three small tables, so that no cell is undecided.
"""

from __future__ import annotations

import itertools

import pytest

from countertop.bench import Bench
from countertop.cards import Presentation, find_card

KEY = "sk_test_table"
BUSY, OFFLINE = "terminal_reader_busy", "terminal_reader_offline"
TIMEOUT, BROKEN = "terminal_reader_timeout", "terminal_reader_hardware_fault"
INVALID_STATE = "intent_invalid_state"
INTERAC = "interac"


def till_of(bench: Bench):
    """A real device in Canada, where cards in the slot want a PIN and refunds are made in person."""
    bench.configure_account(KEY, country="CA")
    configurations = bench.call("GET", "/v1/terminal/configurations", {"is_account_default": True}, key=KEY)
    default = configurations["data"][0]["id"]
    bench.call("POST", f"/v1/terminal/configurations/{default}", {"tipping": {"cad": {"percentages": [15]}}}, key=KEY)
    return bench.reader(key=KEY, simulated=False)


def intent(bench: Bench, **options):
    params = {"amount": 1250, "currency": "cad", "payment_method_types": ["card_present", "interac_present"]}
    return bench.call("POST", "/v1/payment_intents", params | options, key=KEY)["id"]


def act(bench: Bench, reader, action: str, params=None):
    return bench.call("POST", f"/v1/terminal/readers/{reader.id}/{action}", params or {}, key=KEY)


def start(bench: Bench, reader, amount: int = 1250):
    made = intent(bench, amount=amount)
    act(bench, reader, "process_payment_intent", {"payment_intent": made, "process_config": {"skip_tipping": True}})
    return made


def hold(bench: Bench, reader, interface: str, card: str) -> None:
    """Present a card without letting the time pass that the sale would take."""
    shown = Presentation(interface, find_card(card))
    bench.transact(lambda tx: bench.devices.present(tx, reader.serial, shown))


# --- the readers ------------------------------------------------------------------------------------------------


def idle(bench, reader):
    return None


def waiting(bench, reader):
    start(bench, reader)


def tipping(bench, reader):
    act(bench, reader, "process_payment_intent", {"payment_intent": intent(bench)})


def cart(bench, reader):
    lines = [{"amount": 100, "description": "Tea", "quantity": 1}]
    act(bench, reader, "set_reader_display", {"type": "cart", "cart": {"currency": "cad", "line_items": lines, "total": 100}})  # fmt: skip


def form(bench, reader):
    act(bench, reader, "collect_inputs", {"inputs": [{"type": "text", "custom_text": {"title": "Name"}}]})


def collected(bench, reader):
    made = intent(bench)
    act(bench, reader, "collect_payment_method", {"payment_intent": made, "collect_config": {"skip_tipping": True}})
    reader.tap("visa")
    return made


def reading(bench, reader):
    start(bench, reader)
    hold(bench, reader, "tap", "visa")


def pin(bench, reader):
    start(bench, reader)
    reader.insert("offline_pin_cvm")


def authorizing(bench, reader):
    start(bench, reader)
    hold(bench, reader, "tap", "visa")
    bench.advance(milliseconds=601)


def result(bench, reader):
    start(bench, reader)
    reader.tap("visa")


def card_left_in(bench, reader):
    start(bench, reader)
    reader.insert("visa")
    bench.advance(seconds=10)


def offline(bench, reader):
    reader.fault("offline")


def booting(bench, reader):
    reader.fault("hardware_fault")
    reader.fault("hardware_fault", False)


def settings(bench, reader):
    reader.press("pairing_code")


def stuck(bench, reader):
    """The network was lost while authorizing."""
    start(bench, reader)
    reader.fault("network_lost")
    reader.tap("visa")


def fault(name):
    def broken(bench, reader):
        reader.fault(name)

    broken.__name__ = name
    return broken


READERS = {
    idle: None,
    waiting: None,
    tipping: None,
    cart: None,
    form: None,
    collected: None,
    result: None,
    reading: BUSY,
    pin: None,
    authorizing: BUSY,
    card_left_in: BUSY,
    settings: BUSY,
    fault("busy"): BUSY,
    offline: OFFLINE,
    booting: OFFLINE,
    stuck: OFFLINE,
    fault("timeout"): TIMEOUT,
    fault("timeout_received"): TIMEOUT,
    fault("hardware_fault"): BROKEN,
    fault("tamper"): BROKEN,
    fault("slow"): None,
    fault("battery_low"): None,
    fault("card_pulled"): None,
    fault("network_lost"): None,
}
BUSY_WITH_A_SALE = {"reading", "authorizing"}

# --- the intents ------------------------------------------------------------------------------------------------


def fresh(bench, other):
    return intent(bench)


def collected_elsewhere(bench, other):
    made = intent(bench)
    act(bench, other, "collect_payment_method", {"payment_intent": made, "collect_config": {"skip_tipping": True}})
    other.tap("visa")
    return made


def held(bench, other):
    options = {"payment_method_options": {"card_present": {"capture_method": "manual_preferred"}}}
    made = intent(bench, **options)
    act(bench, other, "process_payment_intent", {"payment_intent": made, "process_config": {"skip_tipping": True}})
    other.tap("visa")
    return made


def paid(bench, other):
    made = start(bench, other)
    other.insert(INTERAC)
    if other.state == "pin":
        other.enter_pin("1234")
    other.remove_card()
    return made


def canceled(bench, other):
    made = intent(bench)
    bench.call("POST", f"/v1/payment_intents/{made}/cancel", key=KEY)
    return made


INTENTS = {
    fresh: "requires_payment_method",
    collected_elsewhere: "requires_confirmation",
    held: "requires_capture",
    paid: "succeeded",
    canceled: "canceled",
}

# --- the actions ------------------------------------------------------------------------------------------------

ACTIONS = {
    "process_payment_intent": lambda name, setup: {"payment_intent": name},
    "collect_payment_method": lambda name, setup: {"payment_intent": name},
    "confirm_payment_intent": lambda name, setup: {"payment_intent": name},
    "process_setup_intent": lambda name, setup: {"setup_intent": setup, "allow_redisplay": "always"},
    "refund_payment": lambda name, setup: {"payment_intent": name},
    "collect_inputs": lambda name, setup: {"inputs": [{"type": "text", "custom_text": {"title": "Name"}}]},
    "set_reader_display": lambda name, setup: {
        "type": "cart",
        "cart": {
            "currency": "cad",
            "line_items": [{"amount": 100, "description": "Tea", "quantity": 1}],
            "total": 100,
        },
    },
    "cancel_action": lambda name, setup: {},
}
REFUNDABLE = object()
"""Refunds of an intent that was not paid: 400, with or without a code."""


def expected(action: str, reader: str, refusal: str | None, status: str, is_collected_here: bool):
    """The code of the refusal, None for success."""
    if action == "cancel_action":
        return BUSY if reader in BUSY_WITH_A_SALE else None
    if refusal is not None and reader != "timeout_received":
        return refusal
    if action in ("process_payment_intent", "collect_payment_method") and status != "requires_payment_method":
        return INVALID_STATE
    if action == "confirm_payment_intent" and not is_collected_here:
        return INVALID_STATE
    if action == "refund_payment" and status != "succeeded":
        return REFUNDABLE
    return refusal


@pytest.mark.parametrize("reader_state", READERS, ids=lambda state: state.__name__)
def test_cells(make_bench, reader_state):
    """All actions and all states of an intent, on one state of a reader; the world is put back after each cell."""
    bench = make_bench(seed=reader_state.__name__)
    reader, other = till_of(bench), bench.reader(key=KEY, simulated=False)
    made = {state: state(bench, other) for state in INTENTS if state is not collected_elsewhere}
    setup = bench.call("POST", "/v1/setup_intents", {"payment_method_types": ["card_present"]}, key=KEY)["id"]
    for state, action in itertools.product(INTENTS, ACTIONS):
        bring_back(bench, reader)
        name = made[state] if state in made else collected_elsewhere(bench, other)
        here = reader_state(bench, reader)
        # The reader that holds a collected card is asked to confirm that very intent.
        own = here if here is not None and state is collected_elsewhere else None
        params = ACTIONS[action](own or name, setup)
        status = bench.call("GET", f"/v1/payment_intents/{own or name}", key=KEY)["status"]
        want = expected(action, reader_state.__name__, READERS[reader_state], status, own is not None)
        got = answer(bench, reader, action, params)
        cell = f"{action} on a reader that is {reader_state.__name__} with an intent {INTENTS[state]}"
        if want is REFUNDABLE:
            assert got[0] == 400, (cell, got)
        else:
            assert got == (200 if want is None else 400, want), cell
        if action == "cancel_action" and want is None:
            assert bench.call("GET", f"/v1/terminal/readers/{reader.id}", key=KEY)["action"] is None, cell


def answer(bench, reader, action, params):
    from countertop.bench import CallFailed

    try:
        act(bench, reader, action, params)
    except CallFailed as failed:
        return failed.status, failed.error.get("code")
    return 200, None


def bring_back(bench, reader) -> None:
    """The reader at its splash screen again, whatever went on: the way out that every state has."""
    from countertop.errors import ReaderError

    for name in list(bench.transact(lambda tx: bench.devices.state(tx, reader.serial).faults)):
        reader.fault(name, False)
    bench.advance(minutes=2)
    answer(bench, reader, "cancel_action", {})
    for hand in (reader.remove_card, lambda: reader.press("cancel")):
        try:
            hand()
        except ReaderError:
            continue
    bench.advance(minutes=2)
    answer(bench, reader, "cancel_action", {})
    assert reader.state == "idle"


HOSTILE = [
    ("process_payment_intent", {"payment_intent": "pi_none"}),
    ("process_payment_intent", {"payment_intent": ""}),
    ("process_payment_intent", {"payment_intent": "x" * 5000}),
    ("process_payment_intent", {}),
    ("process_setup_intent", {"setup_intent": "seti_none", "allow_redisplay": "always"}),
    ("refund_payment", {}),
    ("refund_payment", {"payment_intent": "pi_none", "charge": "ch_none"}),
    ("refund_payment", {"charge": "ch_none"}),
    ("collect_inputs", {"inputs": [{"type": "fax", "custom_text": {"title": "x"}}]}),
    ("set_reader_display", {"type": "cart"}),
    ("set_reader_display", {"type": "film"}),
    ("cancel_action", {"why": "because"}),
]


@pytest.mark.parametrize(("action", "params"), HOSTILE)
def test_bad_input_is_a_400_and_changes_nothing(bench, action, params):
    reader = till_of(bench)
    status, _ = answer(bench, reader, action, params)
    assert status == 400
    assert bench.call("GET", f"/v1/terminal/readers/{reader.id}", key=KEY)["action"] is None
    assert reader.state == "idle"


@pytest.mark.parametrize("action", ACTIONS)
def test_an_unknown_reader_is_a_404(bench, action):
    from countertop.bench import CallFailed

    with pytest.raises(CallFailed) as caught:
        bench.call("POST", f"/v1/terminal/readers/tmr_none/{action}", ACTIONS[action]("pi_x", "seti_x"))
    assert (caught.value.status, caught.value.error["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(
    "code",
    ["", " ", "-", "a-b", "x" * 10_000, "simulated-", "puppies plug could", "💥-💥-💥", "simulated-wpe-"],
)
def test_hostile_registration_codes(api, code):
    from urllib.parse import quote

    place = api.post(
        "/v1/terminal/locations",
        "display_name=x&address[country]=GB&address[line1]=a&address[city]=b&address[postal_code]=c",
    ).body["id"]
    answered = api.post("/v1/terminal/readers", f"registration_code={quote(code)}&location={place}")
    assert answered.status == 400
    assert answered.error["param"] == "registration_code"


def test_a_label_as_long_as_a_book(api):
    place = api.post(
        "/v1/terminal/locations",
        "display_name=x&address[country]=GB&address[line1]=a&address[city]=b&address[postal_code]=c",
    ).body["id"]
    form = f"registration_code=simulated-wpe&location={place}&label={'x' * 20_000}"
    assert api.post("/v1/terminal/readers", form).status == 400
    assert api.get("/v1/terminal/readers").body["data"] == []
