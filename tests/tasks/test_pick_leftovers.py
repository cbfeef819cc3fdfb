"""What a pick left half written that was killed."""

import os
from pathlib import Path

from timbrel.tasks import pick


def test_what_is_old_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    old, new = tmp_path / ".pick-old", tmp_path / ".pick-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / ".0123abcd.part.wav").write_bytes(b"half")
    os.utime(old, (0, 0))
    (tmp_path / "kick.wav").write_bytes(b"whole")
    pick.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".pick-new", "kick.wav"}
    pick.sweep(tmp_path / "nowhere")
