"""Frozen key files: what an installation has today opens with every later version."""

import json
from pathlib import Path
from typing import Any

import pytest

from casemgr.crypto.providers import provider_for

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "key_files.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS["files"], ids=lambda vector: vector["name"])
def test_a_frozen_key_file_opens(vector: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_text(vector["content"], "utf-8")
    path.chmod(0o600)
    provider = provider_for(f"{vector['url']}{path}", ask=lambda: vector["passphrase"])
    context = bytes.fromhex(VECTORS["context"])
    for name, wrapped in vector["wrapped"].items():
        assert provider.root_of(bytes.fromhex(wrapped)) == name
        assert provider.unwrap(bytes.fromhex(wrapped), context).hex() == VECTORS["secret"]
    assert provider.root_name() == list(vector["wrapped"])[-1]
