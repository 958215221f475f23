"""The SDK's source as syntax trees: modules by dotted name, and what a name in a module stands for."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = "stripe"


@dataclass
class Module:
    """One parsed module: its own classes and functional TypedDicts, and where its other names come from."""

    name: str
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    tables: dict[str, ast.Dict] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Named:
    """A class (or functional TypedDict) and the module that defines it."""

    module: Module
    name: str

    @property
    def class_def(self) -> ast.ClassDef | None:
        return self.module.classes.get(self.name)

    @property
    def table(self) -> ast.Dict | None:
        return self.module.tables.get(self.name)


class Source:
    """The installed package.  Nothing of it is imported or run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules: dict[str, Module] = {}

    def files(self, pattern: str) -> Iterator[str]:
        """Dotted names of the modules that match a glob, sorted."""
        for path in sorted(self.root.glob(pattern)):
            relative = path.relative_to(self.root).with_suffix("")
            yield ".".join((PACKAGE, *relative.parts))

    def module(self, name: str) -> Module:
        """A module by its dotted name, parsed once."""
        if name not in self._modules:
            path = self.root.joinpath(*name.split(".")[1:])
            file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            self._modules[name] = _read(name, ast.parse(file.read_text(encoding="utf-8")))
        return self._modules[name]

    def resolve(self, module: Module, name: str) -> Named | None:
        """What a name means in a module; None for names of other packages."""
        for _ in range(8):
            if name in module.classes or name in module.tables:
                return Named(module, name)
            if name not in module.imports:
                return None
            target, name = module.imports[name]
            if not target.startswith(PACKAGE + "."):
                return None
            module = self.module(target)
        return None


def installed() -> Source | None:
    """The installed SDK's source, or None."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Source(Path(spec.submodule_search_locations[0]))


def literal_of(tree: ast.AST, name: str) -> str:
    """The value of ``NAME = "text"`` anywhere in a tree.  Raises LookupError when it is not there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return str(node.value.value)
    raise LookupError(f"{name} is not assigned in this module")


def _read(name: str, tree: ast.Module) -> Module:
    module = Module(name, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module.imports[alias.asname or alias.name] = (node.module, alias.name)
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            module.classes[statement.name] = statement
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            call, target = statement.value, statement.targets[0]
            if ast.unparse(call.func) == "TypedDict" and isinstance(target, ast.Name):
                table = call.args[1]
                if isinstance(table, ast.Dict):
                    module.tables[target.id] = table
    return module
