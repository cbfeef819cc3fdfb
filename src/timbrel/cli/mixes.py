"""Mixtures as they are typed: weights such as 0.3,0.7 and paths such as "0:0 1:1"."""

from timbrel.errors import UsageError

WEIGHTS = "a number for each sound, such as 0.3,0.7; of two sounds the second's alone, such as 0.7"
PATH = 'moments and weights, such as "0:0 0.3:0 1:1"; of three or four sounds "0:1/0/0 1:0/0.5/0.5"'


def weights(text: str, count: int) -> list[float]:
    """Reads the weights of one mixture.

    Args:
        text: Numbers with commas between them.
        count: How many sounds there are.

    Returns:
        The weights; of two sounds with one number, that is the second's.

    Raises:
        UsageError: When it is not written so.

    Example:
        >>> weights("0.25", 2), weights("0.5,0.25,0.25", 3)
        ([0.75, 0.25], [0.5, 0.25, 0.25])
    """
    return _weights(text, text.split(","), count, WEIGHTS)


def path(text: str, count: int) -> list[tuple[float, list[float]]]:
    """Reads the breakpoints of a path.

    Args:
        text: Moments and weights, ``time:weight`` or ``time:weight/weight``, with blanks between.
        count: How many sounds there are.

    Returns:
        Moments, each with its weights.

    Raises:
        UsageError: When it is not written so.

    Example:
        >>> path("0:0 1:1", 2)
        [(0.0, [1.0, 0.0]), (1.0, [0.0, 1.0])]
    """
    found = []
    for point in text.split():
        moment, colon, rest = point.partition(":")
        if not colon:
            raise UsageError(f"the breakpoint {point!r}", PATH)
        at = _number(moment, point, PATH)
        found.append((at, _weights(point, rest.split("/"), count, PATH)))
    return found


def _weights(text: str, parts: list[str], count: int, accepted: str) -> list[float]:
    numbers = [_number(part, text, accepted) for part in parts]
    return [1 - numbers[0], numbers[0]] if len(numbers) == 1 and count == 2 else numbers


def _number(part: str, text: str, accepted: str) -> float:
    try:
        return float(part)
    except ValueError:
        raise UsageError(f"{part!r} in {text!r}, which is no number", accepted) from None
