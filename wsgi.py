"""What a WSGI server imports, and the commands at a terminal."""

import sys

from casemgr import create_app
from casemgr.crypto.errors import KeyProviderRefused
from config import BadSettings, load

_DO_NOT_TRY_AGAIN = 3  # gunicorn then ends, instead of starting one worker after another

try:
    app = create_app(load())
except (BadSettings, KeyProviderRefused) as reason:
    sys.stderr.write(f"casemgr cannot start: {reason}\n")
    sys.exit(_DO_NOT_TRY_AGAIN)
