"""A shelf: sounds and pictures that a killed experiment has made already."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timbrel import atomic
from timbrel.experiments._findings import Exhibit, Picture
from timbrel.signal import files
from timbrel.signal.files import Sound

IN_FIVES = 5  # so many stand in one row


@dataclass(frozen=True)
class Shelf:
    """Where an experiment keeps what is seen and heard until its report is written.

    Attributes:
        folder: The folder; made where there is none.
    """

    folder: Path

    def keep(self, name: str, sound: Sound) -> str:
        """Keeps a sound.

        Args:
            name: Its name; becomes a file's.
            sound: The sound; one that would clip is turned down.

        Returns:
            The name of its file.
        """
        path = self.folder / f"{name}.wav"
        files.write(path, sound, encoding="pcm_16", on_clip="scale", force=True)
        return path.name

    def keep_picture(self, name: str, png: bytes) -> str:
        """Keeps a picture.

        Args:
            name: Its name; becomes a file's.
            png: The picture.

        Returns:
            The name of its file.
        """
        with atomic.new_file(self.folder / f"{name}.png") as part:
            part.write_bytes(png)
        return f"{name}.png"

    def exhibit(self, title: str, note: str, sounds: Sequence[Sequence[str]]) -> Exhibit:
        """Takes sounds from the shelf to be shown side by side.

        Args:
            title: What they are.
            note: A line beneath.
            sounds: Of each its caption and the name of its file.

        Returns:
            The exhibit.
        """
        heard = {caption: files.read(self.folder / name) for caption, name in sounds}
        return Exhibit(title, note, heard, one_level=False, in_fives=len(heard) == IN_FIVES)

    def pictures(self, told: Sequence[Sequence[Any]]) -> tuple[Picture, ...]:
        """Takes pictures from the shelf.

        Args:
            told: Of each its caption and the name of its file.

        Returns:
            The pictures.
        """
        return tuple(Picture(caption, (self.folder / name).read_bytes()) for caption, name in told)
