"""One cryptogram version, from both sides: the card's and its issuer's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from countertop.emv.cryptogram import AcData
from countertop.emv.cvn.answers import Answers
from countertop.emv.cvn.scripts import ScriptKeys, ScriptRules
from countertop.emv.des import mac3
from countertop.emv.iad import Iad, Layout, cvr_in, make_iad

SessionKey = Callable[[bytes, AcData], bytes]
"""The key of a transaction's cryptogram, from the card's master key."""


@dataclass(frozen=True, slots=True)
class Cvn:
    """A cryptogram version.  Master keys are the card's own (:func:`countertop.emv.keys.icc_master_key`).

    ``number``: its byte in the IAD.  ``covered``: what the cryptogram is made of.  ``uses_external_authenticate``:
    whether the card hears its issuer by that command; the others hear it in the second GENERATE AC.
    """

    name: str
    number: int
    layout: Layout
    covered: Callable[[AcData], bytes]
    pad: Callable[[bytes], bytes]
    session_key: SessionKey
    answers: Answers
    scripts: ScriptRules
    uses_external_authenticate: bool = False

    def cryptogram(self, mk_ac: bytes, data: AcData) -> bytes:
        """The application cryptogram, 8 bytes: the same for ARQC, TC and AAC, which the CVR in the IAD tells apart."""
        return mac3(self.session_key(mk_ac, data), self.pad(self.covered(data)))

    def answer(self, mk_ac: bytes, data: AcData, arqc: bytes, approved: bool, arc: bytes | None = None) -> bytes:
        """The issuer's answer, value of tag 91; empty where the version has none.

        ``arc``: the response code, 2 characters, where the answer carries it; by default 00 or 05.
        """
        return self.answers.make(mk_ac, data, arqc, approved, arc)

    def check_answer(self, mk_ac: bytes, data: AcData, arqc: bytes, tag91: bytes) -> bool:
        """Whether an answer is the issuer's; never raises, whatever the bytes of the answer."""
        return self.answers.check(mk_ac, data, arqc, tag91)

    def make_iad(self, dki: int, cvr: bytes, idn_or_dac: bytes = b"", counters: bytes = b"") -> bytes:
        """The issuer application data, tag 9F10.  Raises ValueError for parts of the wrong length."""
        return make_iad(Iad(self.layout, self.number, dki, cvr, idn_or_dac, counters))

    def cvr_of(self, iad: bytes) -> bytes:
        """The card verification results in tag 9F10, or what is there of them."""
        return cvr_in(self.layout, iad)

    def script_keys(self, mk_smi: bytes, mk_smc: bytes, atc: bytes, arqc: bytes) -> ScriptKeys:
        """The keys of a transaction's scripts, from the card's master keys for them."""
        return self.scripts.keys(mk_smi, mk_smc, atc, arqc)

    def seal(
        self,
        header: bytes,
        data: bytes,
        keys: ScriptKeys,
        atc: bytes,
        arqc: bytes,
        encipher: bool,
        number: int = 0,
    ) -> bytes:
        """A script command, whole.

        ``header``: CLA INS P1 P2.  ``number``: how many script commands of the transaction went before.
        """
        return self.scripts.seal(header, data, keys, atc, arqc, encipher, number)

    def open(
        self,
        command: bytes,
        keys: ScriptKeys,
        atc: bytes,
        arqc: bytes,
        enciphered: bool,
        number: int = 0,
    ) -> bytes | None:
        """The clear data of a script command, None when its MAC or its padding is wrong."""
        return self.scripts.open(command, keys, atc, arqc, enciphered, number)

    def pin_change(self, mk_ac: bytes, pin: str, old: str = "") -> bytes:
        """The clear data of PIN CHANGE.  ``old``: the PIN until now, where the command proves to know it (P2 01)."""
        return self.scripts.pin_change.write(mk_ac, pin, old)

    def pin_of_change(self, mk_ac: bytes, block: bytes, old: str = "") -> str | None:
        """The PIN in the clear data of PIN CHANGE, None when there is none in it."""
        return self.scripts.pin_change.read(mk_ac, block, old)
