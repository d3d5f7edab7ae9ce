"""What a WSGI server imports."""

import sys

from casemgr import create_app
from casemgr.crypto.errors import KeyProviderRefused
from config import BadSettings, load

_DO_NOT_TRY_AGAIN = 3  # gunicorn ends with this code instead of starting one worker after another

try:
    app = create_app(load())
except BadSettings as reason:
    print(f"casemgr cannot start: {reason}", file=sys.stderr)
    sys.exit(_DO_NOT_TRY_AGAIN)
except KeyProviderRefused as reason:
    print(f"casemgr cannot start: the key provider is refused: {reason}.", file=sys.stderr)
    sys.exit(_DO_NOT_TRY_AGAIN)
