"""Tokens: what a listener's browser keeps, and the name that is made of it."""

import base64
import hashlib
import re
import secrets

TOKEN_BYTES = 10
RECEIPT_LETTERS = 8


def new_token() -> str:
    """Draws a token that nobody can guess.

    Returns:
        Four groups of four letters and digits.

    Example:
        >>> len(new_token())
        19
    """
    letters = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def listener_of(token: str) -> str:
    """Gives the name that a token's listener has in the results.

    Args:
        token: As the listener typed it: case, blanks and dashes do not count.

    Returns:
        32 hexadecimal digits.

    Example:
        >>> listener_of("ABCD efgh ijkl-mnop") == listener_of("abcd-efgh-ijkl-mnop")
        True
    """
    letters = re.sub(r"[\s-]", "", token).lower()
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()[:32]


def receipt_of(listener: str) -> str:
    """Gives what a listener may show as a proof of having taken part, and a report calls them.

    Args:
        listener: The listener's name in the results.

    Returns:
        Eight hexadecimal digits, with which nobody can answer or delete.
    """
    return listener[:RECEIPT_LETTERS]
