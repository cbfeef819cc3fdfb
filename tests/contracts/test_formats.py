"""What every format promises. A new file in the room is walked at once."""

from dataclasses import replace

import pytest

from timbrel import plugins
from timbrel.errors import SoundFileError
from timbrel.exporting.formats import Format
from timbrel.exporting.patch import Loop, Patch, Region

NAMES = plugins.names("exporting.formats")
LENGTHS = {"S/low.wav": 900, "S/Große & <Trommel>.wav": 400}
LOW = Region("S/low.wav", 900, 40, 36, 59, tune_cents=-37, loop=Loop(100, 850))
PATCHES = (
    Patch("keys & <bells>", (LOW, replace(LOW, sample="S/Große & <Trommel>.wav",
          length_samples=400, root=60, lowest=60, highest=127, tune_cents=50, loop=None))),
    Patch("layers", (replace(LOW, loudest=63), replace(LOW, softest=64)), release_s=1.25),
    Patch("kit", (Region("S/low.wav", 900, 36, 36, 36),), one_shots=True),
)  # fmt: skip


@pytest.fixture(params=NAMES)
def chosen(request: pytest.FixtureRequest) -> Format:
    loaded = plugins.load("exporting.formats", request.param)
    assert isinstance(loaded, Format)
    return loaded


def test_the_room_has_the_promised_ones() -> None:
    assert {"sfz", "decentsampler"} <= set(NAMES)


def test_it_says_what_it_is(chosen: Format) -> None:
    assert chosen.title
    assert any(character.isdigit() for character in chosen.source), "the source has a year"
    assert chosen.suffix.startswith(".")


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_what_was_written_is_read_back(chosen: Format, patch: Patch) -> None:
    text = chosen.write(patch)
    assert chosen.read(text, patch.name, LENGTHS) == patch
    assert chosen.write(patch) == text


@pytest.mark.parametrize("wrong", ["36", "S/low.wav", "850"])
def test_another_key_sample_or_loop_is_not_the_same(chosen: Format, wrong: str) -> None:
    text = chosen.write(PATCHES[0]).replace(wrong, "37")
    if "wav" not in wrong:
        assert chosen.read(text, PATCHES[0].name, LENGTHS) != PATCHES[0]
        return
    with pytest.raises(SoundFileError, match="does not read back"):
        chosen.read(text, PATCHES[0].name, LENGTHS)


@pytest.mark.parametrize("text", ["", "<region>", "<?xml version='1.0'?><a/>", "lokey", "\0"])
def test_what_is_none_is_refused_in_a_sentence(chosen: Format, text: str) -> None:
    with pytest.raises(SoundFileError, match="does not read back"):
        chosen.read(text, "x", LENGTHS)
