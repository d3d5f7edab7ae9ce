"""A child of test_keys_soak: rotates and closes epochs, one after the other, until it is killed."""

import sys
from itertools import cycle

from casemgr import create_app
from config import load


def main() -> None:
    """Go on for ever. A rotation is refused while an epoch is being closed: the close goes on."""
    runner = create_app(load()).test_cli_runner()
    print("ready", flush=True)  # noqa: T201 - this is how the parent knows
    for command in cycle(sys.argv[1:]):
        result = runner.invoke(args=["keys", command])
        if result.exit_code and "still needs" not in result.output:
            print(result.output, result.exception, flush=True)  # noqa: T201 - for the parent
            sys.exit(1)


if __name__ == "__main__":
    main()
