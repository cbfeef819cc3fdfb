"""Damage anywhere in a saved instrument: it opens as it was, or says so as one clear error."""

import shutil
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timbrel.errors import InstrumentError
from timbrel.instruments.folder import describe, open_instrument, read_card, save
from timbrel.instruments.instrument import Instrument

NAMES = ["instrument.json", "weights.safetensors", "cloud.safetensors", "sounds.csv", "card.md"]


@pytest.fixture(scope="module")
def whole(tiny_instrument: Instrument, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "whole"
    save(folder, tiny_instrument, run_folder=None)
    return folder


def unharmed(folder: Path, original: Instrument) -> bool:
    """Whether the folder opens with the same weights and cloud; a clear refusal is False."""
    try:
        again = open_instrument(folder)
    except InstrumentError as error:
        return refused_clearly(str(error))
    for name, tensor in original.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], tensor)
    assert torch.equal(again.cloud.latents, original.cloud.latents)
    assert again.sounds == original.sounds
    return True


def refused_clearly(message: str) -> bool:
    assert "\n" not in message.strip()
    assert len(message) > 20
    return False


def look(folder: Path) -> None:
    """Describes it and reads its card; only the designed error may come out."""
    for read in (describe, read_card):
        try:
            read(folder)
        except InstrumentError:
            continue


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from(NAMES),
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=4),
    # Half of all damage falls on the first 512 bytes, where headers are.
    early=st.booleans(),
    value=st.integers(1, 255),
    cut=st.one_of(st.none(), st.floats(0, 1, exclude_max=True)),
)
def test_damage_is_noticed_or_harmless(
    whole: Path,
    tiny_instrument: Instrument,
    name: str,
    places: list[float],
    early: bool,
    value: int,
    cut: float | None,
) -> None:
    folder = whole.with_name("damaged")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder)
    content = bytearray((folder / name).read_bytes())
    for place in places:
        content[int(place * (min(512, len(content)) if early else len(content)))] ^= value
    if cut is not None:
        del content[int(cut * len(content)) :]
    changed = bytes(content) != (whole / name).read_bytes()
    (folder / name).write_bytes(bytes(content))
    opened = unharmed(folder, tiny_instrument)
    look(folder)
    if changed and name not in ("instrument.json", "card.md"):
        assert not opened
