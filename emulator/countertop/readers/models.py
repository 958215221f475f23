"""The reader models and country variants that this installation knows.

Built from the data files of ``countertop_firmware``; files of other packages (entry points in the group
``countertop.reader_models``, see that package's README) are looked at when a name is not among ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path

import countertop_firmware
from countertop.errors import ConfigurationError
from countertop.plugins import loaded, warn_broken
from countertop.readers.model_files import PinRegion, ReaderModel, SkuFile, Stage, check, did_you_mean

GROUP = "countertop.reader_models"


@dataclass(frozen=True, slots=True)
class Sku:
    """A device for some countries.  ``model`` already carries the variant's overrides.

    ``stage``: whether everybody gets it there (``ga``), or it is a ``preview``, ``private`` or ``legacy``.
    ``firmware_config_key``: a mobile reader's whole version string; empty for a smart one.
    """

    name: str
    model: ReaderModel
    countries: tuple[str, ...]
    pin: PinRegion
    firmware: str
    config: str
    rom: str
    stage: Stage = "ga"
    firmware_config_key: str = ""


class Shelf:
    """Variants by name, by model and country, and by simulator code."""

    def __init__(self) -> None:
        self._models: dict[str, ReaderModel] = {}
        self._skus: dict[str, Sku] = {}
        self._plugged = False

    def add_folder(self, folder: Traversable | Path) -> None:
        """Take in ``models/*.toml`` and ``skus/*.toml``.

        Raises ConfigurationError naming the file that is wrong.

        Nothing is taken in unless every file of the folder is right.
        """
        models = dict(self._models)
        for where, data in _toml_files(folder, "models"):
            model = check(ReaderModel, data, where)
            models[model.name] = model
        skus = dict(self._skus)
        for where, data in _toml_files(folder, "skus"):
            sku = _build(check(SkuFile, data, where), models, where)
            rival = next((s for s in skus.values() if s.model.name == sku.model.name and s.name != sku.name
                          and set(s.countries) & set(sku.countries)), None)  # fmt: skip
            if rival is not None:
                shared = ", ".join(sorted(set(rival.countries) & set(sku.countries)))
                raise ConfigurationError(f"{where}: countries: {shared} already belongs to {rival.name}.")
            skus[sku.name] = sku
        self._models, self._skus = models, skus

    def sku(self, name: str) -> Sku:
        """A variant by its name.  Raises ConfigurationError naming those that exist."""
        if name not in self._skus:
            self._plug_in()
        if name not in self._skus:
            near = did_you_mean(name, self._skus)
            raise ConfigurationError(
                f"There is no reader variant {name!r}{near}.", f"Known: {', '.join(sorted(self._skus))}"
            )
        return self._skus[name]

    def model(self, name: str) -> ReaderModel:
        """A device by its name.  Raises ConfigurationError naming those that exist."""
        if name not in self._models:
            self._plug_in()
        if name not in self._models:
            near = did_you_mean(name, self._models)
            known = ", ".join(sorted(self._models))
            raise ConfigurationError(f"There is no reader model {name!r}{near}.", f"Known: {known}")
        return self._models[name]

    def models(self) -> list[ReaderModel]:
        """Every device, those of other packages too, sorted by name."""
        self._plug_in()
        return sorted(self._models.values(), key=lambda model: model.name)

    def variants(self, model: str) -> list[Sku]:
        """The variants of a device, sorted by name.  Raises ConfigurationError for a device that is not known."""
        self.model(model)
        return sorted((sku for sku in self._skus.values() if sku.model.name == model), key=lambda sku: sku.name)

    def variant(self, model: str, country: str) -> Sku:
        """The variant of a model that is sold in a country.

        Raises ConfigurationError naming what there is.
        """
        self.model(model)
        for sku in self._skus.values():
            if sku.model.name == model and country in sku.countries:
                return sku
        sold = sorted({c for sku in self._skus.values() if sku.model.name == model for c in sku.countries})
        raise ConfigurationError(f"The {model} is not sold in {country!r}.", f"It is in: {' '.join(sold)}")

    def simulator(self, code: str, country: str) -> Sku | None:
        """The variant behind a simulator code: this country's, else the first; None when there is none."""
        found = self._simulators(code)
        if not found and code.startswith("simulated-"):
            self._plug_in()
            found = self._simulators(code)
        return next((sku for sku in found if country in sku.countries), found[0] if found else None)

    def _simulators(self, code: str) -> list[Sku]:
        found = [s for s in self._skus.values() if s.model.simulated and s.model.simulated.registration_code == code]
        return sorted(found, key=lambda sku: ("US" not in sku.countries, sku.name))

    def _plug_in(self) -> None:
        if self._plugged:
            return
        self._plugged = True
        for name, folder_of in loaded(GROUP):
            try:
                self.add_folder(folder_of())
            except Exception as error:  # a stranger's function and files: anything may be wrong with them
                warn_broken(GROUP, name, error)


@cache
def shelf() -> Shelf:
    """The models of this installation, read once per process."""
    built = Shelf()
    built.add_folder(countertop_firmware.data_folder())
    return built


def _toml_files(folder: Traversable | Path, kind: str) -> Iterable[tuple[str, dict[str, object]]]:
    part = folder.joinpath(kind)
    if not part.is_dir():
        return
    for entry in sorted(part.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        where = f"{kind}/{entry.name}"
        try:
            data = tomllib.loads(entry.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{where} is not TOML: {error}.") from None
        if data.get("name", entry.name[:-5]) != entry.name[:-5]:
            raise ConfigurationError(f"{where}: name: must be the file's name, {entry.name[:-5]!r}.")
        yield where, data


def _build(file: SkuFile, models: dict[str, ReaderModel], where: str) -> Sku:
    model = models.get(file.model)
    if model is None:
        raise ConfigurationError(f"{where}: model: there is no {file.model!r}.", f"Known: {', '.join(sorted(models))}")
    keys = ("app_version", "title", "features")
    overrides = {key: value for key in keys if (value := getattr(file, key)) is not None}
    merged = model.model_dump() | overrides
    if not merged["app_version"]:
        merged["app_version"] = file.firmware_config_key
    merged["timing_ms"] |= file.timing_ms
    return Sku(
        name=file.name,
        model=check(ReaderModel, merged, where),
        countries=tuple(file.countries),
        pin=file.pin,
        firmware=file.firmware,
        config=file.config,
        rom=file.rom,
        stage=file.stage,
        firmware_config_key=file.firmware_config_key,
    )
