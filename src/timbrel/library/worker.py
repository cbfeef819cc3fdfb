"""The process that opens strangers' sound files, apart from the one that keeps the library.

A file that crashes its decoder takes only this process with it. It reads requests (lists of paths)
from its standard input and answers each with a list of `Facts` or `Refusal` on its standard
output. It ends when its input ends, so it never outlives a killed scan.
"""

import os
import pickle
import signal
import struct
from pathlib import Path
from typing import IO, Any

READY = b"timbrel reads\n"
_LENGTH = struct.Struct("<Q")


def main() -> None:
    """Answers requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scan, which ends this process
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints must not get between the answers
    from timbrel.library.analysis import analyse

    answers.write(READY)
    answers.flush()
    while (paths := receive(requests)) is not None:
        send(answers, [analyse(Path(os.fsdecode(path))) for path in paths])


def send(stream: IO[bytes], message: Any) -> None:
    """Sends one message to the process at the other end of a pipe.

    Args:
        stream: The pipe.
        message: A list of paths as bytes, or of what was found in them.
    """
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Waits for one message.

    The length goes in front, since unpickling straight from a pipe looks ahead and may wait for
    what is never sent. Only the two processes of one scan write to the pipe.

    Args:
        stream: The pipe.

    Returns:
        The message, or None at the end of the pipe.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    return pickle.loads(content) if len(content) == length else None


if __name__ == "__main__":
    main()
