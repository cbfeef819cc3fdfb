"""A format is a kind of file that a sampler opens. One file each.

Each file declares ``FORMAT``, a `Format`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from timbrel.exporting.patch import Patch


@dataclass(frozen=True)
class Format:
    """The declaration of a format.

    Attributes:
        title: What it is called in lists.
        source: Where the format is described.
        suffix: The ending of its file, such as ".sfz".
        samples: The name of the folder of samples beside it.
        write: patch -> the text of the file.
        read: (text, name of the patch, lengths of the samples by path) -> the patch that the text
            says; the opposite of `write`, and no more forgiving than a sampler is.
    """

    title: str
    source: str
    suffix: str
    samples: str
    write: Callable[[Patch], str]
    read: Callable[[str, str, dict[str, int]], Patch]
