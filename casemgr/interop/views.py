"""POST /witness/add-checkpoint: C2SP tlog-witness. Public: the signature inside is the credential."""

from dataclasses import replace

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from casemgr import clock
from casemgr.access.actor import system_actor
from casemgr.access.gate import PUBLIC, Blueprint
from casemgr.directory.service import the_facility
from casemgr.interop import service
from casemgr.interop.rules import MOST_BODY, Patience, RequestBroken, read_request
from casemgr.interop.service import Verdict

bp = Blueprint("witness", __name__, url_prefix="/witness")
_patience = Patience(clock.now)
SIZE_TYPE = "text/x.tlog.size"


@bp.post("/add-checkpoint", permission=PUBLIC)
def add_checkpoint() -> ResponseReturnValue:
    """Cosign the head of a log that the settings name. No cookie is looked at, no session kept."""
    if not _patience.admits(request.remote_addr or ""):
        return _plain("", 429)
    body = request.stream.read(MOST_BODY + 1)
    if len(body) > MOST_BODY:
        return _plain("", 413)
    facility = the_facility()
    if facility is None:
        return _plain("", 404)
    try:
        asked = read_request(body)
    except RequestBroken:
        return _plain("", 400)
    witness = system_actor("witness", facility.id, "service")
    answer = service.add_checkpoint(replace(witness, address=request.remote_addr), asked)
    is_size = answer.verdict is Verdict.OTHER_SIZE
    return _plain(answer.line, answer.verdict.value, SIZE_TYPE if is_size else "text/plain")


def init_app(app: Flask) -> None:
    """Without an anti-forgery token: a program calls, which has no session that could be misused."""
    app.extensions["csrf"].exempt("casemgr.interop.views.add_checkpoint")
    app.register_blueprint(bp)


def _plain(body: str, status: int, content_type: str = "text/plain") -> Response:
    headers = {"Retry-After": "60"} if status in {429, 503} else {}
    if content_type == "text/plain":
        content_type = "text/plain; charset=utf-8"
    return Response(body, status, headers, content_type=content_type)
