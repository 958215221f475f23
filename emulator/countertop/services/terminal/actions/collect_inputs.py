"""POST …/collect_inputs: up to five forms on the reader's screen, one after another (§1.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countertop.api.errors import invalid
from countertop.api.scope import Call, Document, Handler, Scope
from countertop.gateway import InputChoice, InputField, InputResult, InputToggle
from countertop.services.terminal import checks
from countertop.services.terminal.commands import Commands
from countertop.services.terminal.running import Task

if TYPE_CHECKING:
    from countertop.services.terminal.actions.signatures import KeepSignature

MOST_INPUTS, MOST_TOGGLES = 5, 4
LONGEST_DESCRIPTION, LONGEST_TOGGLE_BESIDE = 100, 25
IDLE_MS = 120_000


def collector(commands: Commands) -> Handler:
    """POST /v1/terminal/readers/{reader}/collect_inputs."""

    def collect(call: Call) -> Document:
        reader = checks.reader_of(call)
        device = commands.usable(call.tx, reader)
        if "inputs" not in device.features:
            raise invalid(f"Readers of type {reader['device_type']} cannot collect inputs.")
        inputs = call.params["inputs"]
        if not 1 <= len(inputs) <= MOST_INPUTS:
            raise invalid(f"You can collect 1 to {MOST_INPUTS} inputs at once.", param="inputs")
        for position, given in enumerate(inputs):
            _check(given, f"inputs[{position}]")
        details = {"inputs": [shown(given) for given in inputs], "metadata": call.params.get("metadata") or {}}
        start = {"inputs": tuple(field_of(given) for given in inputs), "timeout_ms": IDLE_MS}
        return commands.start(call, reader, Task("collect_inputs", details, {}, start))

    return collect


def shown(given: Document) -> Document:
    """An input as the action shows it; what will be collected is null."""
    text = given["custom_text"]
    entry: Document = {
        "custom_text": {name: text.get(name) for name in ("description", "skip_button", "submit_button", "title")},
        "required": given.get("required"),
        "toggles": None,
        "type": given["type"],
    }
    if given["type"] == "selection":
        choices = [
            {"id": choice["id"], "style": choice.get("style"), "text": choice["text"]}
            for choice in given["selection"]["choices"]
        ]
        entry["selection"] = {"choices": choices, "id": None, "text": None}
    else:
        entry[given["type"]] = {"value": None}
    if given.get("toggles"):
        names = ("default_value", "description", "title")
        entry["toggles"] = [
            {**{name: toggle.get(name) for name in names}, "value": None} for toggle in given["toggles"]
        ]
    return entry


def field_of(given: Document) -> InputField:
    """An input as the device shows it."""
    text = given["custom_text"]
    choices = (given.get("selection") or {}).get("choices") or []
    return InputField(
        kind=given["type"],
        title=text["title"],
        description=text.get("description"),
        submit_button=text.get("submit_button"),
        skip_button=text.get("skip_button"),
        required=bool(given.get("required")),
        choices=tuple(InputChoice(choice["id"], choice["text"], choice.get("style")) for choice in choices),
        toggles=tuple(
            InputToggle(toggle.get("title"), toggle.get("description"), toggle.get("default_value") == "enabled")
            for toggle in given.get("toggles") or []
        ),
    )


def filled(scope: Scope, inputs: list[Document], results: tuple[InputResult, ...], keep: KeepSignature) -> None:
    """Write what was entered into the action's inputs; a signature is kept as a file, and its id is the value."""
    for entry, result in zip(inputs, results, strict=True):
        kind = entry["type"]
        entry["skipped"] = result.skipped
        if result.skipped:
            continue
        for toggle, on in zip(entry["toggles"] or [], result.toggles, strict=True):
            toggle["value"] = "enabled" if on else "disabled"
        if kind == "selection":
            chosen = next(choice for choice in entry["selection"]["choices"] if choice["id"] == result.value)
            entry["selection"] |= {"id": chosen["id"], "text": chosen["text"]}
        elif kind == "signature":
            entry["signature"] = {"value": keep(scope, result.value or "")}
        else:
            entry[kind] = {"value": result.value}


def _check(given: Document, param: str) -> None:
    kind = given["type"]
    description = given["custom_text"].get("description") or ""
    if kind != "selection" and len(description) > LONGEST_DESCRIPTION:
        raise invalid(
            f"The description of an input of type {kind} has at most {LONGEST_DESCRIPTION} characters.",
            param=f"{param}[custom_text][description]",
        )
    if kind == "selection":
        choices = (given.get("selection") or {}).get("choices")
        if not choices:
            name = f"{param}[selection][choices]"
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
        if len({choice["id"] for choice in choices}) < len(choices):
            raise invalid("Each choice needs an id of its own.", param=f"{param}[selection][choices]")
    elif "selection" in given:
        raise invalid(f"An input of type {kind} has no selection.", param=f"{param}[selection]")
    toggles = given.get("toggles") or []
    if len(toggles) > MOST_TOGGLES:
        raise invalid(f"An input has at most {MOST_TOGGLES} toggles.", param=f"{param}[toggles]")
    for position, toggle in enumerate(toggles):
        _check_toggle(toggle, f"{param}[toggles][{position}]")


def _check_toggle(toggle: Document, param: str) -> None:
    title, description = toggle.get("title") or "", toggle.get("description") or ""
    if not title and not description:
        raise invalid("A toggle needs a title or a description.", code="parameter_missing", param=f"{param}[title]")
    if title and description and max(len(title), len(description)) > LONGEST_TOGGLE_BESIDE:
        raise invalid(
            f"A toggle with a title and a description has at most {LONGEST_TOGGLE_BESIDE} characters in each.",
            param=param,
        )
