"""Measuring phase methods: which one serves an instrument's front end best, quickly enough."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from timbrel import plugins
from timbrel.instruments.phases import MeasuredPhases, PhaseTrial
from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import PhaseMethod
from timbrel.training import previews
from timbrel.training.store import CodeStore

if TYPE_CHECKING:
    from torch import Tensor

MOST_SOUNDS = 24
MOST_SECONDS = 48.0
# 120 ms for two seconds of sound: a click on a map is answered in 150 ms with all that it takes.
SLOWEST = 0.06
CANDIDATES = (
    ("fast_griffin_lim", {"iterations": 32}),
    ("heap_integration", {"iterations": 0}),
    ("heap_integration", {"iterations": 8}),
    ("heap_integration", {"iterations": 32}),
)


def measured(recipe: Recipe, store: CodeStore, *, seed: int) -> MeasuredPhases | None:
    """Measures phase methods through a recipe's front end alone, and chooses the best.

    Each sound's code is decoded and encoded again. The distance is what a listener of spectrograms
    would name, in dB; spectral convergence would only count a sound's loudest cells. Time is the
    processor's own, so that a busy machine chooses as an idle one does.

    Args:
        recipe: Whose front end, and whose phase method is one of the candidates.
        store: Codes of sounds, usually the validation split; up to 24 are taken.
        seed: Seed of what phase methods draw.

    Returns:
        All figures and the best; None where the codes hold no magnitudes, or there are none.
    """
    front_end = cast(FrontEnd, recipe.front_end)
    if not front_end.spectral or not len(store):
        return None
    count = max(1, min(MOST_SOUNDS, int(MOST_SECONDS / recipe.duration_s)))
    sounds = previews.chosen(store, count)
    trials = tuple(_trial(recipe, method, sounds, seed) for method in _candidates(recipe))
    quick = [trial for trial in trials if trial.seconds_per_second <= SLOWEST]
    best = min(quick or trials[:1], key=lambda trial: trial.log_spectral_distance_db)
    return MeasuredPhases(
        best=best.method,
        trials=trials,
        sounds=len(sounds.codes),
        slowest_seconds_per_second=SLOWEST,
    )


def _candidates(recipe: Recipe) -> Iterator[PhaseMethod]:
    """The recipe's own method and the others, each once."""
    own = cast(PhaseMethod, recipe.phase)
    yield own
    for name, settings in CANDIDATES:
        method: PhaseMethod = plugins.load("signal.phase", name)(**settings)
        if method != own:
            yield method


def _trial(
    recipe: Recipe, method: PhaseMethod, sounds: previews.PreviewSounds, seed: int
) -> PhaseTrial:
    import torch

    distances, spent_s = [], 0.0
    with torch.inference_mode():
        # One round to warm up: the first may compile or fill caches.
        _decoded(recipe, method, sounds.codes[:1], sounds.references[:1], seed)
        for k in range(len(sounds.codes)):
            code, reference = sounds.codes[k : k + 1], sounds.references[k : k + 1]
            begin = time.process_time()
            sound = _decoded(recipe, method, code, reference, seed)
            spent_s += time.process_time() - begin
            distances.append(_distance_db(recipe, sound, code, reference))
    return PhaseTrial(
        method=method.model_dump(mode="json"),
        log_spectral_distance_db=sum(distances) / len(distances),
        seconds_per_second=spent_s / (len(distances) * recipe.duration_s),
    )


def _decoded(
    recipe: Recipe, method: PhaseMethod, code: "Tensor", reference: "Tensor", seed: int
) -> "Tensor":
    return cast(FrontEnd, recipe.front_end).decode(
        code,
        reference,
        sample_rate=recipe.sample_rate,
        length_samples=recipe.length_samples,
        phase=method,
        seed=seed,
    )


def _distance_db(recipe: Recipe, sound: "Tensor", code: "Tensor", reference: "Tensor") -> float:
    """How far the code of a sound is from the one wanted, in dB: root mean square over bins."""
    front_end = cast(FrontEnd, recipe.front_end)
    range_db = float(getattr(front_end, "range_db", 80.0))
    found, level = front_end.encode(sound, sample_rate=recipe.sample_rate)
    louder_db = 20 * (level / reference).log10()
    wanted_db = code.float() * range_db
    found_db = (found * range_db + louder_db[:, None, None]).clamp(min=0)
    return float((found_db - wanted_db).square().mean(dim=1).sqrt().mean())
