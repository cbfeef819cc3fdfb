"""The process that opens strangers' sound files, apart from the one that keeps the library.

A file that crashes its decoder takes only this process with it. It reads requests (lists of paths)
from its standard input and answers each with a list of `Facts` or `Refusal` on its standard
output. It ends when its input ends, so it never outlives a killed scan.
"""

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from timbrel.library.rows import Facts, Refusal

READY = b"timbrel reads\n"


def main() -> None:
    """Answers requests until the input ends."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints must not get between the answers
    from timbrel.library.analysis import analyse

    answers.write(READY)
    answers.flush()
    while (paths := receive(requests)) is not None:
        send(answers, [analyse(Path(os.fsdecode(path))) for path in paths])


def send(stream: IO[bytes], message: Sequence[bytes | Facts | Refusal]) -> None:
    """Sends one message to the process at the other end of a pipe.

    Args:
        stream: The pipe.
        message: Paths, or what was found in them.
    """
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def receive(stream: IO[bytes]) -> list[bytes] | None:
    """Waits for one request.

    Args:
        stream: The pipe from the process that started this one.

    Returns:
        The paths, or None at the end.
    """
    try:
        message: list[bytes] = pickle.load(stream)
    except (EOFError, KeyboardInterrupt):
        return None
    return message


if __name__ == "__main__":
    main()
