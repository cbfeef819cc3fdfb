"""Moments as a person types them."""

from timbrel.errors import UsageError


def span(text: str, option: str) -> tuple[float, float]:
    """Reads two moments.

    Args:
        text: What a person typed, such as "1.5,1.7".
        option: The option, for the message.

    Returns:
        Both in seconds.

    Raises:
        UsageError: When they are no two numbers.

    Example:
        >>> span("1.5,1.7", "--hole")
        (1.5, 1.7)
    """
    try:
        begin, end = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{option} {text}", "two moments in seconds, such as 1.5,1.7") from None
    return begin, end
