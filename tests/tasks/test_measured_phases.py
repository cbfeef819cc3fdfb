"""An instrument plays with the phase method that measured best, and says what was measured."""

from typing import Any

import pytest
import torch

from fixtures_instrument import tiny_recipe
from timbrel import plugins, recipes
from timbrel.errors import InstrumentError
from timbrel.instruments.folder import open_instrument, save
from timbrel.instruments.instrument import Instrument, with_phases
from timbrel.instruments.phases import MeasuredPhases, method_of
from timbrel.tasks import phase_trials
from timbrel.tasks.instruments import describe, open_named
from timbrel.tasks.workspace import Workspace
from timbrel.training.store import CodeStore, from_codes

HEAP = {"name": "heap_integration", "tolerance": 1e-6, "iterations": 8, "momentum": 0.99}


@pytest.fixture(autouse=True)
def all_sounds_try_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_trials, "MOST_SOUNDS", 24)


def tones(recipe: recipes.Recipe, count: int = 3) -> CodeStore:
    """Codes of decaying tones."""
    time_s = torch.arange(recipe.length_samples) / recipe.sample_rate
    pitches_hz = 300.0 * torch.arange(1, count + 1)[:, None]
    sounds = torch.sin(2 * torch.pi * pitches_hz * time_s) * torch.exp(-4 * time_s)
    front_end: Any = recipe.front_end
    code, reference = front_end.encode(sounds, sample_rate=recipe.sample_rate)
    return from_codes(code, references=reference)


def measured(**best: Any) -> MeasuredPhases:
    trial = {"method": best, "log_spectral_distance_db": 1.5, "seconds_per_second": 0.01}
    return MeasuredPhases.model_validate(
        {"best": best, "trials": [trial], "sounds": 2, "slowest_seconds_per_second": 0.05}
    )


def test_the_best_of_the_quick_ones_is_chosen(linear_family, monkeypatch):
    recipe = tiny_recipe()
    monkeypatch.setattr(phase_trials, "SLOWEST", 60.0)  # however busy the machine is
    found = phase_trials.measured(recipe, tones(recipe), seed=1)
    assert found is not None
    assert found.sounds == 3
    assert len(found.trials) == 1 + len(phase_trials.CANDIDATES)
    assert found.trials[0].method["name"] == "fast_griffin_lim"
    assert found.trials[0].method["iterations"] == 16
    distances = [trial.log_spectral_distance_db for trial in found.trials]
    assert found.best == found.trials[distances.index(min(distances))].method
    again = phase_trials.measured(recipe, tones(recipe), seed=1)
    assert again is not None
    assert [t.log_spectral_distance_db for t in again.trials] == distances


def test_what_takes_too_long_is_not_chosen(linear_family, monkeypatch):
    recipe = tiny_recipe()
    monkeypatch.setattr(phase_trials, "SLOWEST", 0.0)
    found = phase_trials.measured(recipe, tones(recipe), seed=1)
    assert found is not None
    assert found.best == recipe.phase.model_dump(mode="json")


def test_the_distance_is_a_level_in_db():
    recipe = recipes.find("sample-vae-tiny")
    store = tones(recipe)
    code, reference = store.batch([0]), torch.from_numpy(store.references[:1])
    sound = phase_trials._decoded(recipe, recipe.phase, code, reference, seed=0)  # type: ignore[arg-type]
    near = phase_trials._distance_db(recipe, sound, code, reference)
    softer = phase_trials._distance_db(recipe, sound / 10, code, reference)
    assert near < softer < 20


def test_codes_without_magnitudes_are_not_measured(linear_family):
    recipe = tiny_recipe().model_copy(
        update={"front_end": plugins.load("signal.frontends", "waveform")()}
    )
    assert phase_trials.measured(recipe, tones(tiny_recipe()), seed=0) is None


def test_the_instrument_keeps_it(tiny_instrument: Instrument, tmp_path):
    assert tiny_instrument.phase == tiny_instrument.recipe.phase
    told = with_phases(tiny_instrument, measured(**HEAP))
    assert told.fingerprint != tiny_instrument.fingerprint
    assert with_phases(tiny_instrument, None).fingerprint == tiny_instrument.fingerprint
    save(tmp_path / "told", told, run_folder=None)
    again = open_instrument(tmp_path / "told")
    assert again.phase == method_of(HEAP)
    assert again.phases == told.phases
    latent = told.cloud.latents[:1]
    by_default = again.decode(latent)
    assert torch.equal(by_default, again.decode(latent, phase=method_of(HEAP)))
    assert not torch.equal(by_default, tiny_instrument.decode(latent))
    card = (tmp_path / "told" / "card.md").read_text()
    assert "it plays with heap\\_integration (tolerance 1e-06, iterations 8" in card


@pytest.mark.parametrize("best", [{"name": "telepathy"}, {**HEAP, "iterations": -1}, {}])
def test_a_strangers_method_that_does_not_fit_is_refused(tiny_instrument, tmp_path, best):
    save(tmp_path / "odd", with_phases(tiny_instrument, measured(**best)), run_folder=None)
    with pytest.raises(InstrumentError, match="measured phase method does not fit"):
        open_instrument(tmp_path / "odd")


def test_training_measures_them(trained: Workspace):
    facts = describe(trained, "tiny")
    assert facts["phases"]["sounds"] == 4
    assert "How it finds the phase" in facts["card"]
    instrument = open_named(trained, "tiny")
    assert instrument.phase == method_of(facts["phases"]["best"])
