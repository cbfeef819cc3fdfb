"""Seeds as they are typed: 3,7,11."""

from timbrel.errors import UsageError


def read(text: str, option: str) -> list[int]:
    """Reads seeds.

    Args:
        text: Whole numbers with commas between them.
        option: What they were said behind, for the message.

    Returns:
        The seeds.

    Raises:
        UsageError: When it is not written so.

    Example:
        >>> read("3, 7,11", "--journey")
        [3, 7, 11]
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts):
        raise UsageError(f"{option} {text}", "two seeds or more, such as 3,7,11")
    return [int(part) for part in parts]
