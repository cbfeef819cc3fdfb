"""The card says true things in plain words, whatever names it meets."""

from pathlib import Path

import pytest

from fixtures_instrument import linear_instrument, tiny_recipe
from timbrel.errors import InstrumentError
from timbrel.instruments.card import plain
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
