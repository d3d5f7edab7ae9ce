"""python -m bench [--full]: every benchmark against its bar; ends with 1 if one was missed."""

import sys
from time import perf_counter

from bench import index_build, name_search, pages, sealing, search_exact, search_names
from bench.measuring import Contest


def main() -> int:
    """Print each table as it is ready."""
    start, missed = perf_counter(), 0
    for part in (sealing.run, pages.run):
        for result in part():
            missed += _show(result)
    full = "--full" in sys.argv
    for measured in (search_exact.run, search_names.run, index_build.run):
        for result in measured(full):
            missed += _show(result)
    search = name_search.run()
    print(search, flush=True)
    missed += "MISSED" in search
    print(f"\n{missed} bars missed; {perf_counter() - start:.0f} s in all")
    return int(missed > 0)


def _show(result: Contest) -> bool:
    print(result.table(), end="\n\n", flush=True)
    return not result.is_met


if __name__ == "__main__":
    sys.exit(main())
