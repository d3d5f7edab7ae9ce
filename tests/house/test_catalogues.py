"""I11: every word a person reads is in the Vietnamese and English catalogues."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from casemgr.audit import Action
from tests.house import source_tree
from tests.house.source_tree import PRODUCT, ROOT, Module, of_text

TRANSLATIONS = PRODUCT / "translations"
LANGUAGES = ("vi", "en")
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)
# Data that carries both languages by itself, or speaks Vietnamese by nature (names, letters).
SPEAKS_VIETNAMESE = (
    "casemgr/audit/actions.py",  # each act with its two sentences
    "casemgr/audit/outside/mail.py",  # a fixed text with both languages
    "casemgr/audit/expiring.py",  # where the law says how long
    "casemgr/audit/outsider/sentences.py",  # both languages by itself: it runs without catalogues
    "casemgr/cases/rules.py",  # code names
    "casemgr/cases/peoples.py",  # the official names of the ethnic groups
    "casemgr/cases/retention.py",  # where the law says how long
    "casemgr/privacy/rights/rules.py",  # where the law gives the terms
    "casemgr/cases/wording.py",
    "casemgr/crypto/names/collation.py",  # letters
    "casemgr/crypto/names/fold.py",  # letters
    "casemgr/demo/",
    "casemgr/directory/data.py",  # published facts
    "casemgr/privacy/breaches/paper.py",  # an official paper, and one for the person
    "casemgr/privacy/breaches/rules.py",  # where the law says how long
    "casemgr/privacy/erasure/certificate.py",  # an official paper, Vietnamese always
    "casemgr/privacy/statement/paper.py",  # so is this, in plain words
    "casemgr/privacy/statement/rules.py",  # where the law stands
    "casemgr/referrals/",  # letters to Vietnamese bodies (domain §5.9)
    "casemgr/screenings/guidance.py",
    "casemgr/screenings/instruments/",  # items with both languages
    "casemgr/web/",  # the neutral title, the switch, surnames and places that look-ups need
)
ALLOWED_BARE = re.compile(r"casemgr[a-z-]*|(?:govuk[\w-]* ?)+|Sổ công tác")  # classes, our own name


def used() -> dict[str, set[str]]:
    """Every msgid of code and templates, with where it is used."""
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: dict[str, set[str]] = {}
    for name, line, message, _comments, _context in extract_from_dir(
        ROOT, methods, options, KEYWORDS, directory_filter=_is_ours
    ):
        msgid = message[0] if isinstance(message, tuple) else message
        found.setdefault(msgid, set()).add(f"{name}:{line}")
    return found


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or parts[0] in {"casemgr", "templates"}


def catalogue(language: str) -> Catalog:
    """One language as it ships."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    assert path.exists(), f"build {path.relative_to(ROOT)}"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def faults(words: dict[str, set[str]], book: Catalog, language: str) -> list[str]:
    """Missing, empty, fuzzy, unused messages, and translations that lost a placeholder."""
    entries = {_id(m.id): m for m in book if m.id}
    found = [
        f"{language}: {w!r} is missing ({min(at)})" for w, at in words.items() if w not in entries
    ]
    for msgid, message in entries.items():
        texts = message.string if isinstance(message.string, tuple | list) else [message.string]
        if msgid not in words:
            found.append(f"{language}: {msgid!r} is used nowhere: remove it")
        elif message.fuzzy:
            found.append(f"{language}: {msgid!r} is fuzzy: somebody must read it")
        elif not all(texts):
            found.append(f"{language}: {msgid!r} is not translated")
        elif any(_slots(text or "") != _slots(msgid) for text in texts):
            found.append(f"{language}: {msgid!r} and its translation have other placeholders")
    return found


def _id(msgid: object) -> str:
    return str(msgid[0] if isinstance(msgid, tuple | list) else msgid)


def _slots(words: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(words))


def bare_words(template: str) -> list[str]:
    """Words of a template that stand outside _(): nobody could translate them."""
    tokens = Environment(autoescape=True).lex(template)
    text = " ".join(value for _line, kind, value in tokens if kind == "data")
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    said = re.findall(r'\s(?:alt|title|placeholder|aria-label)="([^"]*)"', text)
    said += re.sub(r"<[^>]*>", "\n", text).splitlines()
    words = [re.sub(r"&\w+;", " ", part).strip() for part in said]
    return [w for w in words if re.search(r"[^\W\d_]{2,}", w) and not ALLOWED_BARE.fullmatch(w)]


def vietnamese_in(module: Module) -> Iterator[str]:
    """Literals with Vietnamese letters outside docstrings."""
    documentation = {
        node.body[0].value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module.tree):
        said = node.value if isinstance(node, ast.Constant) else None
        if isinstance(said, str) and VIETNAMESE.search(said) and node not in documentation:
            line = getattr(node, "lineno", 0)
            yield f"{module.path}:{line} {said[:40]!r}: say it in English in _()"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated_and_used(language: str) -> None:
    found = faults(used(), catalogue(language), language)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    assert (folder / "messages.mo").exists(), "compile it: pybabel compile -d casemgr/translations"


def test_no_words_stand_bare_in_a_template() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {words!r}: put it into _()"
        for path in source_tree.templates()
        if "print" not in path.parts and path.name not in {"roster.html", "quick_exit.html"}
        for words in bare_words(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


def test_code_speaks_english() -> None:
    found = [
        fault
        for module in source_tree.product()
        if not str(module.path.relative_to(ROOT)).startswith(SPEAKS_VIETNAMESE)
        for fault in vietnamese_in(module)
    ]
    assert not found, "\n".join(found)


def test_every_act_of_the_log_has_two_sentences() -> None:
    for action in Action:
        assert action.vi
        assert action.en
        assert action.vi != action.en
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", action.value), action.value
    for sentences in ([a.vi for a in Action], [a.en for a in Action]):
        assert len(set(sentences)) == len(sentences), "two acts read the same in the log"


@pytest.mark.parametrize(
    ("string", "fuzzy", "fault"),
    [
        ("", False, "not translated"),
        ("Lưu %(name)s", True, "fuzzy"),
        ("Lưu", False, "placeholders"),
    ],
)
def test_a_careless_catalogue_is_found(string: str, fuzzy: bool, fault: str) -> None:
    book = Catalog(locale="vi")
    book.add("Save %(name)s", string, flags=["fuzzy"] if fuzzy else [])
    words = {"Save %(name)s": {"x.html:1"}}
    assert any(fault in each for each in faults(words, book, "vi"))
    assert any("missing" in each for each in faults({"Other": {"x.html:1"}}, book, "vi"))
    assert any("used nowhere" in each for each in faults({}, book, "vi"))


def test_bare_words_are_found() -> None:
    assert bare_words("<p>Save this</p>") == ["Save this"]
    assert bare_words('<img alt="A map">') == ["A map"]
    assert bare_words('<p class="x">{{ _("Save") }} · 1</p>{# a note #}') == []
    assert list(vietnamese_in(of_text('"""Hồ sơ"""\nx = "Hồ sơ"'))) != []
    assert list(vietnamese_in(of_text('"""Hồ sơ"""\nx = "record"'))) == []
