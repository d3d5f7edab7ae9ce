"""python -m bench [--full]: every benchmark against its bar; ends with 1 if one was missed."""

import sys
from time import perf_counter

from bench import (
    audit_page,
    audit_verify,
    audit_write,
    index_build,
    name_search,
    pages,
    rows,
    sealing,
    search_exact,
    search_names,
)
from bench.measuring import Result

PARTS = (
    sealing.run,
    rows.run,
    pages.run,
    search_exact.run,
    search_names.run,
    index_build.run,
    audit_verify.run,
    audit_write.run,
    audit_page.run,
)


def main() -> int:
    """Print each table as it is ready. ``--full`` takes the cases of a million, too."""
    start, missed, full = perf_counter(), 0, "--full" in sys.argv[1:]
    for part in PARTS:
        for result in part(full):
            missed += _show(result)
    search = name_search.run()
    print(search, flush=True)
    missed += "MISSED" in search
    print(f"\n{missed} bars missed; {perf_counter() - start:.0f} s in all")
    return int(missed > 0)


def _show(result: Result) -> bool:
    print(result.table(), end="\n\n", flush=True)
    return not result.is_met


if __name__ == "__main__":
    sys.exit(main())
