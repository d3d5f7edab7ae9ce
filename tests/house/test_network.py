"""I6: the server speaks to nobody but what the settings name; who can speak at all is written here."""

import pytest

from casemgr.audit.outside.ways import endpoints, ways_of
from tests.house import source_tree
from tests.house.source_tree import Module, imports, of_text

SPEAKING = {
    *("aiohttp", "asyncio", "boto3", "ftplib", "hvac", "http.client", "httpx", "imaplib", "poplib"),
    *("requests", "smtplib", "socket", "socketserver", "telnetlib", "urllib.request", "urllib3"),
    *("xmlrpc", "websockets"),
}
# Written by hand: each with the setting that alone says where it goes.
SPEAKERS = {
    "casemgr.audit.outside.calling": "CASEMGR_CHECKPOINTS: witnesses and time stamp authorities",
    "casemgr.audit.outside.mail": "CASEMGR_SMTP",
    "casemgr.crypto.providers.kms_calls": "CASEMGR_KEY_PROVIDER",
    "casemgr.crypto.providers.vault_transit": "CASEMGR_KEY_PROVIDER",
    "casemgr.files.s3": "CASEMGR_FILE_STORE",
    "casemgr.work.collector": "CASEMGR_SYSLOG",
    "casemgr.serve": "asks the web server that it started itself, on 127.0.0.1",
}


def speaks(module: Module) -> bool:
    """Whether it imports something that can open a connection."""
    return any(
        name == known or name.startswith(f"{known}.")
        for name in imports(module)
        for known in SPEAKING
    )


def test_whoever_can_speak_to_the_network_is_known() -> None:
    found = {module.name for module in source_tree.product() if speaks(module)}
    assert found == set(SPEAKERS), "say in SPEAKERS which setting says where it goes"


@pytest.mark.parametrize(
    "text",
    ["import smtplib", "from urllib import request", "from urllib.request import urlopen",
     "def f():\n    import http.client"],
)  # fmt: skip
def test_the_rule_bites(text: str) -> None:
    assert speaks(of_text(text))


def test_by_default_nothing_is_reached() -> None:
    assert endpoints(ways_of("", ""), "") == []
