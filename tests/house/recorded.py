"""Which functions change a row or open a sealed value, and whether each one's act leaves an entry.

Read from the syntax trees. A function is covered when it records (itself or in what it calls), or when
everybody who calls it is covered: then the entry is written by the act around it. It reads who can
reach whom, not in which order or transaction: that is what the database's own guard is for.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from casemgr.db import Model
from tests.house.source_tree import Module

RECORDERS = {
    "casemgr.audit.record",
    "casemgr.audit.trail.record",
    "casemgr.access.opening.open_keys",
}
OPENERS = {"open_keys", "open_many", "open_into", "open_data_key"}
ADDING = {"add", "add_all", "delete", "merge"}
STATEMENTS = {"insert", "update", "delete"}
NO_ROOMS = ("crypto", "db", "audit", "clock", "web", "cli", "demo", "install", "serve")


@dataclass
class Function:
    """One function or method: what it touches and what it refers to."""

    name: str
    touches: set[str] = field(default_factory=set)
    refers_to: set[str] = field(default_factory=set)


def rooms(modules: Iterable[Module]) -> list[Module]:
    """The modules whose functions act: the rooms, but not the floors below and the programs above."""
    named = ((module, module.name.split(".")[1:2]) for module in modules)
    return [module for module, room in named if room and room[0] not in NO_ROOMS]


def row_attributes() -> set[str]:
    """Names of everything that a row of ours holds, sealed or not; common words are left out."""
    found: set[str] = set()
    for mapper in Model.registry.mappers:
        found |= {name for name in dir(mapper.class_) if not name.startswith("_")}
    return found - set(dir(object)) - {"metadata", "registry", "data", "errors", "text", "name"}


class Graph:
    """Who refers to whom among the functions of some modules."""

    def __init__(self, modules: Collection[Module], attributes: Collection[str]) -> None:
        self.functions: dict[str, Function] = {}
        self._attributes = set(attributes)
        self._modules = {module.name for module in modules}
        for module in modules:
            self._read(module)

    def uncovered(self, among: Iterable[Module]) -> set[str]:
        """Touching functions of these modules whose act leaves no entry as far as can be read."""
        wanted = tuple(f"{module.name}." for module in among)
        return {
            name
            for name, function in self.functions.items()
            if function.touches and name.startswith(wanted) and name not in self.covered
        }

    @cached_property
    def covered(self) -> set[str]:
        """Those that record, and then those that are reached from such ones alone."""
        covered = {name for name in self.functions if self._records(name)}
        callers = self._callers()
        while True:
            more = {
                name
                for name in self.functions
                if name not in covered and callers.get(name) and callers[name] <= covered
            }
            if not more:
                return covered
            covered |= more

    def _records(self, name: str) -> bool:
        waiting, seen = [name], set[str]()
        while waiting:
            one = waiting.pop()
            if one in RECORDERS:
                return True
            if one not in seen and one in self.functions:
                seen.add(one)
                waiting += self.functions[one].refers_to
        return False

    def _callers(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, function in self.functions.items():
            for other in function.refers_to - {name}:
                found.setdefault(other, set()).add(name)
        return found

    def _read(self, module: Module) -> None:
        known = self._imports(module)
        for name, node in _functions(module.tree, module.name):
            function = Function(name, set(_touches(node, self._attributes)))
            own = name.rpartition(".")[0]
            for reference in _references(node):
                function.refers_to |= _resolved(reference, known, module.name, own)
            self.functions[name] = function

    def _imports(self, module: Module) -> dict[str, str]:
        found: dict[str, str] = {}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return found


def _functions(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield f"{inside}.{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{inside}.{child.name}")


def _references(node: ast.FunctionDef) -> Iterator[str]:
    """Names and dotted names that are read, and with a decorator the function itself is not."""
    for part in node.body:
        for child in ast.walk(part):
            if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name):
                yield f"{child.value.id}.{child.attr}"
            elif isinstance(child, ast.Name):
                yield child.id


def _resolved(reference: str, known: dict[str, str], module: str, own: str) -> set[str]:
    first, dot, rest = reference.partition(".")
    if first in {"self", "cls"}:
        return {f"{own}.{rest}"}
    return {f"{known.get(first, f'{module}.{first}')}{dot}{rest}"}


def _touches(node: ast.FunctionDef, attributes: set[str]) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Call):
            yield from _calls(child)
        if isinstance(child, ast.Assign | ast.AugAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for target in targets:
                for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                    yield from _assigned(one, attributes)


def _assigned(target: ast.AST, attributes: set[str]) -> Iterator[str]:
    if isinstance(target, ast.Attribute) and target.attr in attributes:
        is_own = isinstance(target.value, ast.Name) and target.value.id in {"self", "cls"}
        if not is_own:
            yield f"sets .{target.attr}"


def _calls(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    on = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in ADDING and on.endswith("session"):
        yield f"session.{name}"
    if name in OPENERS:
        yield name
    if name in STATEMENTS and isinstance(call.func, ast.Name):
        yield f"{name}()"
