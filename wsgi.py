"""What a WSGI server imports."""

from casemgr import create_app
from config import load

app = create_app(load())
