"""The narrowed log, or one case's history, as a file."""

from collections.abc import Iterator

from flask import Response, current_app, session, stream_with_context
from flask.typing import ResponseReturnValue

from casemgr import clock
from casemgr.access import NotFound
from casemgr.access.gate import actor, between_transactions
from casemgr.audit import AuditEntry
from casemgr.audit.out import fhir
from casemgr.privacy.log import labels
from casemgr.privacy.log.desk import EXPORT, ONE_CASE, asked_filters, bp
from casemgr.privacy.log.exporting import Export, Format, begin_export, end_export
from casemgr.privacy.log.lines import lines_of
from casemgr.privacy.log.rules import Filters, read_filters
from casemgr.privacy.log.spreadsheet import BYTE_ORDER_MARK, csv_line

MEDIA_TYPES = {
    Format.CSV: ("text/csv; charset=utf-8; header=present", "csv"),
    Format.NDJSON: ("application/fhir+ndjson; charset=utf-8", "ndjson"),
    Format.BUNDLE: ("application/fhir+json; charset=utf-8", "json"),
}


@bp.post("/export/<file_kind>", permission=EXPORT)
def export(file_kind: str) -> ResponseReturnValue:
    """The narrowed log as a file."""
    return _download(asked_filters(), file_kind)


@bp.post("/history/export/<file_kind>", permission=EXPORT)
def export_history(file_kind: str) -> ResponseReturnValue:
    """One case's history as a file."""
    filters = read_filters(session.get(ONE_CASE, {}))
    if filters.case_id is None:
        raise NotFound("no case was asked for")
    return _download(filters, file_kind)


def _download(filters: Filters, kind: str) -> Response:
    """The gate commits the entry of the export before the first byte leaves."""
    if kind not in set(Format):
        raise NotFound(kind)
    begun = begin_export(actor(), filters, Format(kind))
    media_type, ending = MEDIA_TYPES[begun.format]
    name = f"so-cong-tac-{clock.today():%Y%m%d}.{ending}"
    return Response(
        stream_with_context(_body(begun)),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _body(export: Export) -> Iterator[str]:
    """Part by part; a slow reader must not hold the database."""
    for part in WRITERS[export.format](export):
        with between_transactions():
            yield export.leaving(part)
    end_export(actor(), export)
    with between_transactions():
        return


def _csv(export: Export) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(labels.heads())
    for rows in export.batches():
        yield "".join(csv_line(labels.cells(line)) for line in lines_of(actor(), rows))


def _ndjson(export: Export) -> Iterator[str]:
    for rows in export.batches():
        yield "".join(f"{_resource(row)}\n" for row in rows)


def _bundle(export: Export) -> Iterator[str]:
    head, tail = fhir.bundle_ends(export.entry_id, clock.now())
    yield head
    comma = ""
    for rows in export.batches():
        yield comma + ",".join(fhir.written(fhir.bundled(_observed(row))) for row in rows)
        comma = ","
    yield tail


def _resource(entry: AuditEntry) -> str:
    return fhir.written(_observed(entry))


def _observed(entry: AuditEntry) -> fhir.Resource:
    return fhir.audit_event(entry, current_app.config["ORIGIN"])


WRITERS = {Format.CSV: _csv, Format.NDJSON: _ndjson, Format.BUNDLE: _bundle}
