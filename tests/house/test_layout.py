"""Design §2 and §5: sizes to live in, names that say what a room is for, who may know whom."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median_low

import pytest

from tests.house import source_tree
from tests.house.source_tree import ROOT, Module, called_name, calls, imports, of_text

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES, CONFTEST_LINES = 400, 50, 120, 150
MEDIAN_FILE, MEDIAN_FUNCTION = 90, 8
# Plain lists of data; a generated migration is as long as the schema.
LONGER_FILES = {
    "migrations/versions/0001_house.py": "generated from the models",
    "casemgr/audit/actions.py": "the list of acts, each with its two sentences",
}
JUNK_DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "tools", "lib"}
WITHOUT_FLASK = {"service", "models", "rules"}
FLASK = ("flask", "flask_babel", "flask_login", "flask_wtf", "wtforms", "werkzeug", "jinja2")
GATE = "casemgr.access.gate"
COMMITS = {
    # who may end a transaction: the gate, the worker and the programs; services never
    "casemgr.access.gate": "commits once per request, and a refusal in a transaction of its own",
    "casemgr.work.worker": "each job is a transaction",
    "casemgr.audit.sequencer": "each batch is a transaction, and so is what follows it",
    "casemgr.audit.heartbeats": "each lane's entry is a transaction of its own",
    "casemgr.audit.rollback": "says why a process ends, before it does",
    "casemgr.cases.indexing": "the background thread that keeps the index has its own",
}
COMMITTING_PROGRAMS = ("casemgr.cli", "casemgr.demo", "casemgr.install", "casemgr.serve")


def too_long(module: Module) -> list[str]:
    """Files and functions over their budget."""
    where = str(module.path).removeprefix(f"{ROOT}/")
    if where in LONGER_FILES:
        return []
    faults = [
        f"{where}:{f.lineno} {f.name} has {_length(f)} lines; split it (most: {FUNCTION_LINES})"
        for f in module.functions()
        if _length(f) > FUNCTION_LINES
    ]
    lines = (module.tree.body[-1].end_lineno or 0) if module.tree.body else 0
    if lines > FILE_LINES:
        faults.append(f"{where} has {lines} lines; split it by subject (most: {FILE_LINES})")
    return faults


def knows_flask(module: Module) -> list[str]:
    """What a layer below the views imports of Flask."""
    parts = module.name.split(".")
    below = parts[-1] in WITHOUT_FLASK or parts[1:2] in (["crypto"], ["audit"], ["access"])
    if not below or module.name == GATE:
        return []
    known = sorted(name for name in imports(module) if name.split(".")[0] in FLASK)
    return [f"{module.name} imports {name}: take it as an argument from the view" for name in known]


def commits(module: Module) -> list[str]:
    """Calls of ``commit`` and ``between_transactions`` outside the few places that may."""
    if module.name in COMMITS or module.name.startswith(COMMITTING_PROGRAMS):
        return []
    return [
        f"{module.name}.{place} commits: services add and flush, the gate commits once"
        for place, call in calls(module)
        if called_name(call) == "commit"
    ]


def asks_the_time(module: Module) -> list[str]:
    """Calls that ask the machine what time it is."""
    if module.name == "casemgr.clock":
        return []
    asked = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
    return [
        f"{module.name}.{place} asks {ast.unparse(call.func)}: ask casemgr.clock"
        for place, call in calls(module)
        if called_name(call) in asked
        and isinstance(call.func, ast.Attribute)
        and ast.unparse(call.func.value).split(".")[-1] in {"datetime", "date", "time"}
    ]


def template_faults(text: str) -> list[str]:
    """What a template may not hold: unescaped output, inline script or style, outside addresses."""
    faults = []
    if re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text):
        faults.append("shows something unescaped (|safe): let Jinja escape it")
    if re.search(r"<script(?![^>]*\ssrc=)", text):
        faults.append("has an inline script: the CSP forbids it, write a file in static/js")
    if re.search(r"<style|\sstyle=|\son[a-z]+=", text):
        faults.append("has an inline style or handler: use a class and a file")
    if re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text):
        faults.append("leads outside the hospital (I6)")
    return faults


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_files_and_functions_keep_to_their_budget() -> None:
    faults = [fault for module in source_tree.everything() for fault in too_long(module)]
    assert not faults, "\n".join(faults)


def test_the_median_stays_small() -> None:
    files = [(m.tree.body[-1].end_lineno or 0) for m in source_tree.product() if m.tree.body]
    functions = [_length(f) for m in source_tree.product() for f in m.functions()]
    assert median_low(files) <= MEDIAN_FILE
    assert median_low(functions) <= MEDIAN_FUNCTION


def test_templates_and_conftest_keep_to_their_budget() -> None:
    budgets = dict.fromkeys(source_tree.templates(), TEMPLATE_LINES)
    budgets |= dict.fromkeys((ROOT / "tests").rglob("conftest.py"), CONFTEST_LINES)
    long = [
        f"{path.relative_to(ROOT)}: {n} lines, most {most}; move a part to components/"
        for path, most in budgets.items()
        if (n := len(path.read_text("utf-8").splitlines())) > most
    ]
    assert not long, "\n".join(long)


def test_no_junk_drawers() -> None:
    names = [m.path for m in source_tree.everything() if set(m.path.parts) & JUNK_DRAWERS]
    names += [m.path for m in source_tree.everything() if m.path.stem in JUNK_DRAWERS]
    assert not names, f"name these after their one subject: {names}"


@pytest.mark.parametrize("rule", [knows_flask, commits, asks_the_time])
def test_layers_keep_to_themselves(rule: object) -> None:
    assert callable(rule)
    faults = [fault for module in source_tree.product() for fault in rule(module)]
    assert not faults, "\n".join(faults)


def test_templates_are_plain() -> None:
    faults = [
        f"{path.relative_to(ROOT)} {fault}"
        for path in source_tree.templates()
        for fault in template_faults(path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)


def test_import_contracts() -> None:
    """Who may import whom (design §2); the contracts stand in pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:]


@pytest.mark.parametrize(
    "target", ["run", "test", "check", "soak", "bench", "bench-full", "migrate", "help"]
)
def test_every_command_can_be_made(target: str) -> None:
    run = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("rule", "text", "fault"),
    [
        (too_long, "def f():\n" + "    x = 1\n" * 50, "f has 51 lines"),
        (too_long, "x = 1\n" * 401, "has 401 lines"),
        (knows_flask, "from flask import request", "imports flask"),
        (knows_flask, "def f():\n    import flask_login", "imports flask_login"),
        (commits, "def save(actor):\n    session.commit()", "save commits"),
        (asks_the_time, "def f():\n    return datetime.now(UTC)", "asks datetime.now"),
        (asks_the_time, "import time\nx = time.time()", "asks time.time"),
        (asks_the_time, "x = datetime.date.today()", "asks datetime.date.today"),
    ],
)
def test_each_rule_bites(rule: object, text: str, fault: str) -> None:
    assert callable(rule)
    found = rule(of_text(text))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    "text",
    [
        "<p>{{ name | safe }}</p>",
        "{% autoescape false %}",
        "<script>x()</script>",
        '<p style="color:red">',
        '<a onclick="x()">',
        '<img src="https://example.org/x.png">',
        '<a href="//example.org">',
    ],
)
def test_the_template_rule_bites(text: str) -> None:
    assert template_faults(text)


def test_sound_code_is_left_alone() -> None:
    sound = of_text("from casemgr import clock\n\ndef f(actor):\n    return clock.now()")
    assert [*too_long(sound), *knows_flask(sound), *commits(sound), *asks_the_time(sound)] == []
    assert template_faults('<script src="/static/js/x.js"></script><a href="/cases">x</a>') == []
