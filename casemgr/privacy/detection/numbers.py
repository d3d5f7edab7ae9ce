"""The numbers of a rule as one short line of text, the same for the same numbers. Pure."""

from casemgr.privacy.detection.rules.window import Limits


def written(numbers: Limits) -> str:
    """As they are kept: ``cases=1 score=50``."""
    return " ".join(f"{name}={numbers[name]}" for name in sorted(numbers))


def read_numbers(text: str) -> dict[str, int]:
    """What ``written`` wrote."""
    pairs = (part.partition("=") for part in text.split())
    return {name: int(value) for name, _, value in pairs}
