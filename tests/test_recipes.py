"""Recipes: what is accepted, what is refused, and in which words."""

import tomllib
from pathlib import Path

import pytest

from timbrel import plugins, recipes
from timbrel.errors import RecipeError, UnknownNameError


def test_a_recipe_written_is_the_recipe_read(tmp_path: Path) -> None:
    recipe = recipes.find("sample-vae-s3")
    file = tmp_path / "mine.toml"
    file.write_text(recipes.as_toml(recipe), encoding="utf-8")
    assert recipes.find(str(file)) == recipe


def test_every_setting_of_a_written_recipe_has_its_sentence() -> None:
    text = recipes.as_toml(recipes.find("sample-vae-laptop"))
    settings = [line for line in text.splitlines() if " = " in line]
    assert all("  # " in line for line in settings)
    assert "sample_rate = 44100  # " in text
    assert "[Hz]" in text


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("training.batch_sise=3", ["batch_sise", "did you mean 'batch_size'"]),
        ("trainin.batch_size=3", ["trainin", "did you mean 'training'"]),
        ("training.batch_size=0", ["training.batch_size", "greater than or equal to 1"]),
        ("training.batch_size=many", ["training.batch_size", "integer"]),
        ("training.learning_rate=nan", ["learning_rate", "finite"]),
        ("network.shape=cube", ["shape", "picture"]),
        ("training.batch_size", ["key=value"]),
        ("phase.name=griffin_lin", ["griffin_lin", "did you mean 'griffin_lim'"]),
        ("skip_s=5", ["skip_s 5", "set pieces = true"]),
        ("family=sample_vea", ["sample_vea", "did you mean 'sample_vae'"]),
    ],
)
def test_a_setting_that_does_not_fit_is_explained(setting: str, words: list[str]) -> None:
    with pytest.raises((RecipeError, UnknownNameError)) as caught:
        recipes.override(recipes.find("sample-vae-tiny"), [setting])
    for word in words:
        assert word in str(caught.value)


def test_overrides_take_toml_values_and_bare_words() -> None:
    changed = recipes.override(
        recipes.find("sample-vae-tiny"),
        ["training.schedule=cosine", 'title="x = y"', "training.compile=true", "duration_s=1.5"],
    )
    assert changed.training.schedule == "cosine"
    assert changed.title == "x = y"
    assert changed.training.compile
    assert changed.length_samples == 24_000


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sample-vae-laptop'"):
        recipes.find("sample-vae-laptpo")


def recipe_text(line: bytes) -> bytes:
    """A recipe that is whole but for one line."""
    lines = recipes.as_toml(recipes.find("sample-vae-tiny")).encode().splitlines()
    name = line.split(b" ")[0]
    return b"\n".join(line if one.startswith(name) else one for one in lines)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"family = ", "no TOML"),
        (b"\xff\xfe\x00", "no TOML"),
        (b'family = "sample_vae"', "is missing"),
        (b"", "no family"),
        (b"x = " + b"9" * 5000, "no TOML"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, "no TOML"),
        (recipe_text(b"sample_rate = 1" + b"0" * 400), "sample_rate"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)
    with pytest.raises((RecipeError, UnknownNameError), match=words):
        recipes.read(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot read"):
        recipes.find(str(tmp_path / "none.toml"))


def test_a_missing_key_is_named() -> None:
    table = tomllib.loads(recipes.as_toml(recipes.find("sample-vae-tiny")))
    del table["network"]
    with pytest.raises(RecipeError, match="'network' is missing"):
        recipes.parse(table)


def test_where_nothing_can_be_set_the_message_says_so() -> None:
    nothing = recipes.Options()
    with pytest.raises(RecipeError, match=r"'perplexity'.*accepted: none, for there is nothing"):
        recipes.changed(nothing, ["perplexity=3"])


def test_listing_a_room_imports_none_of_it() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from timbrel import plugins; names = plugins.names('signal.phase');"
        "assert 'timbrel.signal.phase.griffin_lim' not in sys.modules; print(*names)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == plugins.names("signal.phase")


def test_a_network_and_its_front_end_count_decibels_alike():
    with pytest.raises(RecipeError, match=r"unit_db 80 and front_end.range_db 60"):
        recipes.override(recipes.find("morph-tiny"), ["front_end.range_db=60"])
    both = ["front_end.range_db=60", "network.unit_db=60"]
    assert recipes.override(recipes.find("morph-tiny"), both).network.unit_db == 60
