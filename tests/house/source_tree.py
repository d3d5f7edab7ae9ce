"""The repository as the rules of the house read it: files, their syntax trees, who calls whom."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "casemgr"
TEMPLATES = ROOT / "templates"


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name and its tree."""

    name: str
    path: Path
    tree: ast.Module

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def of_text(text: str, name: str = "casemgr.toy.service") -> Module:
    """A module made up by a test, to show that a rule bites."""
    return Module(name, Path(f"{name.replace('.', '/')}.py"), ast.parse(text))


@cache
def product() -> tuple[Module, ...]:
    """Every module of the product."""
    return tuple(_read(path) for path in sorted(PRODUCT.rglob("*.py")))


@cache
def everything() -> tuple[Module, ...]:
    """Every Python file of the repository, tests and migrations included."""
    own = [p for p in sorted(ROOT.rglob("*.py")) if not _foreign(p.relative_to(ROOT))]
    return tuple(_read(path) for path in own)


def templates() -> list[Path]:
    """Every template."""
    return sorted(TEMPLATES.rglob("*.html"))


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the function (dotted inside classes) in which it stands."""
    yield from _calls(module.tree, "")


def called_name(call: ast.Call) -> str:
    """The last part of what is called: ``open`` of ``keyring.open(...)``."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def imports(module: Module) -> set[str]:
    """The dotted names of everything that a module imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _calls(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.Call]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield inside, child
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _calls(child, f"{inside}.{child.name}".lstrip("."))
        else:
            yield from _calls(child, inside)


def _read(path: Path) -> Module:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, path, ast.parse(path.read_text("utf-8"), str(path)))


def _foreign(path: Path) -> bool:
    """Not ours: the environment, an installation, anything hidden."""
    return any(part.startswith(".") or part in {"instance", "build"} for part in path.parts)
