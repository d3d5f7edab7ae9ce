"""The web server's settings, for `make run` and for production alike.

One process, because the name index lives in its memory; more threads, because requests wait for
the database. Nothing about a request is logged: no access log, and no address in an error line.
"""

import logging
import os
import re
import threading

from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

bind = os.environ.get("CASEMGR_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = 1
threads = 8
timeout = 60
graceful_timeout = 20
accesslog = None
loglevel = "warning"
control_socket_disable = True  # no second way in
forwarded_allow_ips = "127.0.0.1"  # the proxy with TLS stands on the same machine

_AFTER_PATH = re.compile(r"[?#]\S*")
_REFUSED = re.compile(r"(Invalid request from ip=\S*:).*", re.DOTALL)
_BEFORE_ANY_REQUEST = "Exception in worker process"


class Discreet(logging.Filter):
    """Cuts what a request carried out of every line: query, header, body, an error's own words."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always keep it."""
        words = _REFUSED.sub(r"\1 not HTTP as we speak it", record.getMessage())
        words = _AFTER_PATH.sub("", words)
        if record.exc_info and record.exc_info[0] and words != _BEFORE_ANY_REQUEST:
            words = f"{words} ({record.exc_info[0].__name__})"
            record.exc_info = None
        record.msg, record.args = words, None
        return True


class DiscreetLogger(Logger):
    """Gunicorn's logger with the filter in front."""

    def setup(self, cfg: object) -> None:
        """Add the filter once gunicorn has made its handlers."""
        super().setup(cfg)
        self.error_log.addFilter(Discreet())


logger_class = DiscreetLogger
_stop = threading.Event()


def on_starting(_server: object) -> None:
    """The master opens no key, but may hold the passphrase that its workers inherit."""
    from casemgr.crypto.process import keep_memory_private

    keep_memory_private()


class _Starting:
    """A worker that still waits for the database: alive to its master, and stopped by it."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def wait(self, timeout: float) -> bool:
        """Whether it was told to stop. A signal ends the wait."""
        self._worker.notify()
        _stop.wait(timeout)
        return _stop.is_set() or not self._worker.alive


def post_worker_init(worker: Worker) -> None:
    """Keep the name index current from the first request on."""
    from casemgr.cli import keep_index_current

    keep_index_current(worker.wsgi, _stop, _Starting(worker))


def worker_exit(_server: object, worker: Worker) -> None:
    """Let the index's thread go before the process does, and close the log's lanes."""
    from casemgr.cli import end_lanes

    _stop.set()
    if getattr(worker, "wsgi", None) is not None:
        end_lanes(worker.wsgi)
