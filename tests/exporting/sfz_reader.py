"""A second reader of SFZ, strict, written from the description of the format and not from ours.

It plays no sound. It knows only the opcodes of SFZ 1 that an export may use, and refuses others.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import soundfile

_INHERITED = ("global", "region")
_WHOLE = {
    *("lokey", "hikey", "lovel", "hivel", "pitch_keycenter", "pitch_keytrack", "tune"),
    *("loop_start", "loop_end"),
}
_KNOWN = {*_WHOLE, "sample", "loop_mode", "ampeg_release"}
_RANGES = {
    **dict.fromkeys(("lokey", "hikey", "lovel", "hivel", "pitch_keycenter"), (0, 127)),
    "tune": (-100, 100),
}
_TOKEN = re.compile(r"<(\w+)>|(\w+)=(.*?)(?=\s+\w+=|\s*<|\s*$)", re.MULTILINE)


@dataclass(frozen=True)
class Played:
    """One region, all opcodes resolved, its sample opened."""

    path: Path
    opcodes: dict[str, str]
    length_samples: int
    sample_rate: int

    def whole(self, opcode: str, default: int = 0) -> int:
        """An opcode that is a whole number."""
        return int(self.opcodes.get(opcode, default))


def read(path: Path) -> list[Played]:
    """Every region of a file; anything that no SFZ 1 player would take is an error."""
    text = "\n".join(line.split("//")[0] for line in path.read_text("utf-8").splitlines())
    level, shared, regions = "", {}, []
    for header, opcode, value in _TOKEN.findall(text):
        if header:
            assert header in _INHERITED, header
            level = header
            regions += [dict(shared)] if header == "region" else []
        else:
            _check(opcode, value)
            (regions[-1] if level == "region" else shared)[opcode] = value
    assert not _TOKEN.sub("", text).strip(), "nothing stands between headers and opcodes"
    return [_opened(path.parent, region) for region in regions]


def _check(opcode: str, value: str) -> None:
    assert opcode in _KNOWN, opcode
    if opcode in _WHOLE:
        low, high = _RANGES.get(opcode, (0, 2**31))
        assert low <= int(value) <= high, (opcode, value)


def _opened(folder: Path, opcodes: dict[str, str]) -> Played:
    place = folder / opcodes["sample"]
    assert place.resolve().is_relative_to(folder.resolve())
    info = soundfile.info(place)
    assert info.subtype == "PCM_24"
    if opcodes.get("loop_mode") == "loop_continuous":
        assert 0 <= int(opcodes["loop_start"]) < int(opcodes["loop_end"]) < info.frames
    return Played(place, opcodes, info.frames, info.samplerate)
