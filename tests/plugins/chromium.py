"""Where Chromium is, and the switches that keep it quiet on a closed network."""

import os
import shutil

import pytest

NAMES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",  # Chromium refuses to start as root with it
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def find() -> str | None:
    """$CHROMIUM, else the usual places."""
    candidates = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else list(NAMES)
    return next((path for name in candidates if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; without one the test is skipped with the reason."""
    path = find()
    if path is None:
        pytest.skip("no Chromium: apt install chromium, or name it in $CHROMIUM")
    return path
