"""The card says true things in plain words, whatever names it meets."""

import re
from pathlib import Path
from typing import Any

import pytest

from fixtures_instrument import linear_instrument, tiny_recipe
from timbrel.errors import InstrumentError
from timbrel.instruments.abilities import derive
from timbrel.instruments.card import plain, written
from timbrel.instruments.document import Document
from timbrel.instruments.folder import read_card, save
from timbrel.instruments.instrument import Instrument


def test_the_card_tells_the_facts(tiny_instrument: Instrument, tmp_path: Path) -> None:
    save(tmp_path / "drums", tiny_instrument, run_folder=None)
    card = read_card(tmp_path / "drums")
    for fact in (
        "# drums",
        "0.5 s, one channel, at 16000 Hz",
        "30 sounds; kept apart: 1 for validation",
        "2 labels: noise, tone",
        "good &lt;enough&gt;",
        "trained for 3 steps",
        "nothing above 8000 Hz",
        "`timbrel generate drums --count 16 --out DIR`",
        "morph: ",
    ):
        assert fact in card
    assert "best validation loss" not in card  # it was infinite: nothing is known


def test_a_hostile_name_is_shown_harmless(linear_family: None, tmp_path: Path) -> None:
    name = "a;rm -rf <b>`id`"
    save(tmp_path / name, linear_instrument(tiny_recipe()), run_folder=None)
    card = read_card(tmp_path / name)
    assert "<b>" not in card
    assert "timbrel generate NAME" in card
    assert card.splitlines()[0] == "# a;rm -rf &lt;b&gt;\\`id\\`"


@pytest.mark.parametrize("text", ["a\nb", "a\r\n# b", "a\x1b[31m b", "a\u202eb"])
def test_plain_text_is_one_line_that_can_be_shown(text: str) -> None:
    assert plain(text).isprintable()


def test_a_folder_without_a_card_says_so(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"no card\.md"):
        read_card(tmp_path)


# --- instruments of recordings -------------------------------------------------------------------


def said_of_a_recording(**other: Any) -> Document:
    """What the folder of an instrument says that learned from one recording."""
    facts: dict[str, Any] = {
        "format_version": 2, "family": "recording_flow", "sample_rate": 44_100,
        "recipe": {"title": "One recording is enough", "duration_s": 25.25},
        "abilities": tuple(sorted(derive({"improvise", "clean"}, has_cloud=True))),
        "bins": 1097, "frames": 2175, "channels": 2, "labels": (), "sounds": {"train": 1},
        "library_fingerprint": "00-7", "fingerprint": "7", "checksums": {},
        "training": {"best_loss": 0.25, "epochs": 86.0, "epoch_seconds": 0.1, "steps": 86},
        "timbrel_version": "0.1.0", "torch_version": "2",
    }  # fmt: skip
    return Document(**{**facts, **other})


def test_the_card_of_one_recording_tells_what_it_learned_from_and_plays() -> None:
    card = written("idea", said_of_a_recording())
    for fact in (
        "It hears and plays pieces of any length, two channels, at 44100 Hz.",
        "- one recording of 25.2 s",
        "- its weights hold the recording itself",
        "- generate: makes new pieces of any length",
        "- best loss on its own recording 0.25",
        "- nothing above 22050 Hz, two channels\n",
        "holds new pieces of it against its recording",
    ):
        assert fact in card
    for foreign in ("library", "validation", "kept apart", "epoch", "one channel", "it began"):
        assert foreign not in card


def test_every_ability_of_one_recording_has_a_line_and_a_command() -> None:
    said = said_of_a_recording()
    card = written("idea", said)
    assert set(said.abilities) == {f for f in said.abilities if f"\n- {f}: " in card}
    for command in (
        "generate idea --count 4 --seconds 30 --out DIR",
        "generate idea --endless --out long.flac",
        "vary idea --amount 0.3 --count 4 --out DIR",
        "continue idea --seconds 20 --out DIR",
        "inpaint idea --hole 3.2,3.45 --count 3 --out DIR",
        "extend idea SOUND.wav --out DIR",
        "denoise idea SOUND.wav --out DIR",
    ):
        assert f"- `timbrel {command}`\n" in card


def test_what_does_not_clean_is_not_said_to_denoise() -> None:
    abilities = tuple(sorted(derive({"improvise"}, has_cloud=True)))
    assert "denoise" not in written("idea", said_of_a_recording(abilities=abilities))


def test_the_card_counts_several_recordings_and_names_a_channel() -> None:
    card = written("idea", said_of_a_recording(sounds={"train": 3}, channels=1))
    assert "- 3 recordings of 25.2 s in all\n" in card
    assert "pieces of any length, one channel, at" in card


def test_the_card_tells_with_whose_weights_it_began() -> None:
    card = written("idea", said_of_a_recording(training={"origin": "old <one>"}))
    assert "- it began with what the instrument old &lt;one&gt; had learned\n" in card


def test_the_commands_of_a_card_are_understood(capsys: pytest.CaptureFixture[str]) -> None:
    """Each verb and option that a card names is one that the command line has."""
    from timbrel.cli.main import run

    card = written("idea", said_of_a_recording())
    for verb, rest in re.findall(r"`timbrel ([a-z]+) ([^`]*)`", card.split("## How to play it")[1]):
        assert run([verb, "--help"]) == 0
        told = capsys.readouterr().out
        assert [o for o in re.findall(r"--[a-z]+", rest) if o not in told] == []
