"""Data objects whose bits have names: TVR, TSI, AIP, AUC, TTQ, CTQ, CID (card-hardware.md E.2, E.3, F.2)."""

from __future__ import annotations

from enum import IntFlag


class Bits(IntFlag):
    """A data object of named bits; the most significant byte comes first."""

    @classmethod
    def size(cls) -> int:
        """Bytes."""
        return {"TVR": 5, "TTQ": 4}.get(cls.__name__, 2)

    @property
    def encoded(self) -> bytes:
        """The bytes."""
        return self.value.to_bytes(self.size(), "big")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the bits that are set, in words."""
        return tuple((bit.name or "").replace("_", " ").lower() for bit in type(self) if bit in self)


class TVR(Bits):
    """Terminal verification results, tag 95."""

    ODA_NOT_PERFORMED = 0x80_00_00_00_00
    SDA_FAILED = 0x40_00_00_00_00
    ICC_DATA_MISSING = 0x20_00_00_00_00
    ON_EXCEPTION_FILE = 0x10_00_00_00_00
    DDA_FAILED = 0x08_00_00_00_00
    CDA_FAILED = 0x04_00_00_00_00
    SDA_SELECTED = 0x02_00_00_00_00
    XDA_SELECTED = 0x01_00_00_00_00
    VERSIONS_DIFFER = 0x80_00_00_00
    EXPIRED = 0x40_00_00_00
    NOT_YET_EFFECTIVE = 0x20_00_00_00
    SERVICE_NOT_ALLOWED = 0x10_00_00_00
    NEW_CARD = 0x08_00_00_00
    CV_FAILED = 0x80_00_00
    UNRECOGNISED_CVM = 0x40_00_00
    PIN_TRY_LIMIT = 0x20_00_00
    PIN_PAD_MISSING = 0x10_00_00
    PIN_NOT_ENTERED = 0x08_00_00
    ONLINE_PIN = 0x04_00_00
    FLOOR_LIMIT = 0x80_00
    LOWER_CONSECUTIVE = 0x40_00
    UPPER_CONSECUTIVE = 0x20_00
    RANDOM_ONLINE = 0x10_00
    MERCHANT_FORCED_ONLINE = 0x08_00
    DEFAULT_TDOL = 0x80
    ISSUER_AUTHENTICATION_FAILED = 0x40
    SCRIPT_FAILED_BEFORE = 0x20
    SCRIPT_FAILED_AFTER = 0x10


class TSI(Bits):
    """Transaction status information, tag 9B."""

    ODA_PERFORMED = 0x80_00
    CV_PERFORMED = 0x40_00
    CARD_RISK_MANAGEMENT = 0x20_00
    ISSUER_AUTHENTICATION = 0x10_00
    TERMINAL_RISK_MANAGEMENT = 0x08_00
    SCRIPTS_PROCESSED = 0x04_00


class AIP(Bits):
    """Application interchange profile, tag 82."""

    XDA = 0x80_00
    SDA = 0x40_00
    DDA = 0x20_00
    CARDHOLDER_VERIFICATION = 0x10_00
    RISK_MANAGEMENT = 0x08_00
    ISSUER_AUTHENTICATION = 0x04_00
    ON_DEVICE_CV = 0x02_00
    CDA = 0x01_00
    EMV_MODE = 0x00_80
    MOBILE = 0x00_40


class AUC(Bits):
    """Application usage control, tag 9F07."""

    DOMESTIC_CASH = 0x80_00
    INTERNATIONAL_CASH = 0x40_00
    DOMESTIC_GOODS = 0x20_00
    INTERNATIONAL_GOODS = 0x10_00
    DOMESTIC_SERVICES = 0x08_00
    INTERNATIONAL_SERVICES = 0x04_00
    ATM = 0x02_00
    OTHER_THAN_ATM = 0x01_00
    DOMESTIC_CASHBACK = 0x00_80
    INTERNATIONAL_CASHBACK = 0x00_40


class TTQ(Bits):
    """Terminal transaction qualifiers, tag 9F66 of kernels 3, 6 and 7."""

    QVSDC = 0x20_00_00_00
    CONTACT_CHIP = 0x10_00_00_00
    OFFLINE_ONLY = 0x08_00_00_00
    ONLINE_PIN = 0x04_00_00_00
    SIGNATURE = 0x02_00_00_00
    ODA_FOR_ONLINE = 0x01_00_00_00
    ONLINE_CRYPTOGRAM_REQUIRED = 0x80_00_00
    CVM_REQUIRED = 0x40_00_00
    OFFLINE_PIN = 0x20_00_00
    TRANSIT = 0x04_00_00
    CONSUMER_DEVICE_CVM = 0x40_00
    FDDA_V1 = 0x80


class CTQ(Bits):
    """Card transaction qualifiers, tag 9F6C of kernels 3, 6 and 7."""

    ONLINE_PIN = 0x80_00
    SIGNATURE = 0x40_00
    ONLINE_IF_ODA_FAILS = 0x20_00
    SWITCH_IF_ODA_FAILS = 0x10_00
    ONLINE_IF_EXPIRED = 0x08_00
    CONSUMER_DEVICE_CVM = 0x00_80


AAC, TC, ARQC = 0x00, 0x40, 0x80
"""Types of an application cryptogram: the two high bits of the CID (tag 9F27) and of P1 of GENERATE AC."""
TYPE_MASK = 0xC0
CDA_WANTED = 0x10
"""In P1 of GENERATE AC: the answer is to be signed."""
CRYPTOGRAMS = {AAC: "AAC", TC: "TC", ARQC: "ARQC", TYPE_MASK: "RFU"}
"""Names of the types."""
