"""bError of a failed command (CCID 1.10, table 6.2-2), and which error of ours it is."""

from __future__ import annotations

from countertop_drivers.ccid.messages import ABSENT, COMMANDS, Answer
from countertop_drivers.errors import CardAbsent, CardMute, DeviceRefused, DriverError

ABORTED, MUTE, PARITY, OVERRUN, HARDWARE, BUSY = 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xE0
NAMES: dict[int, tuple[str, str]] = {
    0xFF: ("CMD_ABORTED", "the command was aborted"),
    0xFE: ("ICC_MUTE", "the card is silent"),
    0xFD: ("XFR_PARITY_ERROR", "parity error on the line to the card"),
    0xFC: ("XFR_OVERRUN", "the card sent too fast"),
    0xFB: ("HW_ERROR", "hardware error"),
    0xF8: ("BAD_ATR_TS", "the ATR begins with no known TS"),
    0xF7: ("BAD_ATR_TCK", "the check byte of the ATR is wrong"),
    0xF6: ("ICC_PROTOCOL_NOT_SUPPORTED", "the reader does not speak the card's protocol"),
    0xF5: ("ICC_CLASS_NOT_SUPPORTED", "the reader does not have the card's voltage"),
    0xF4: ("PROCEDURE_BYTE_CONFLICT", "the card sent an unexpected procedure byte"),
    0xF3: ("DEACTIVATED_PROTOCOL", "the protocol is deactivated"),
    0xF2: ("BUSY_WITH_AUTO_SEQUENCE", "the reader is busy starting the card up"),
    0xF0: ("PIN_TIMEOUT", "no PIN was entered in time"),
    0xEF: ("PIN_CANCELLED", "PIN entry was cancelled"),
    0xE0: ("CMD_SLOT_BUSY", "the slot is busy with another command"),
    0xA2: ("SHORT_CIRCUIT", "short circuit in the slot"),
    0xA3: ("ATR_TOO_LONG", "the ATR is too long"),
    0xAB: ("NO_DATA", "there is no data to exchange"),
    0xB0: ("EMV_T1_TOO_LONG", "the message is too long for an EMV buffer"),
    0xBB: ("EMV_PROTOCOL_ERROR", "protocol error in EMV mode"),
    0xBD: ("T1_ERROR", "protocol error during a T=1 exchange"),
    0xBE: ("APDU_LENGTH", "the APDU has the wrong length"),
    0x00: ("CMD_NOT_SUPPORTED", "the reader does not know this command"),
}
_FIELDS = {1: "dwLength", 5: "bSlot", 7: "byte 7 (voltage, protocol or bBWI)", 8: "wLevelParameter"}
_POWER_ON_AGAIN = "Power the card on again."


def error_name(code: int) -> tuple[str, str]:
    """The specification's name of a bError, and what it means."""
    if code in NAMES:
        return NAMES[code]
    if code < 0x80:
        return f"BAD_FIELD_{code}", f"the reader refuses {_FIELDS.get(code, f'byte {code} of the message')}"
    return f"VENDOR_{code:02X}", "an error of the vendor's own"


def failure_of(command: int, answer: Answer) -> DriverError:
    """The error that a failed answer to this command is."""
    name, meaning = error_name(answer.error)
    asked = COMMANDS[command][1]
    if answer.card == ABSENT and answer.error in (MUTE, HARDWARE, 0x05):
        return CardAbsent("There is no card in the slot.")
    if answer.error in (MUTE, 0xF8, 0xF7, 0xA3):
        return CardMute(f"{asked}: {meaning} ({name}).", _POWER_ON_AGAIN)
    return DeviceRefused(f"{asked}: {meaning} ({name}, {answer.error:02X}).", code=answer.error, name=name)
