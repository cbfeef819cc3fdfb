"""What a recording decides of a recipe: its rate, and windows that suit it."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor

from timbrel.errors import TrainingError
from timbrel.families.recording_flow.config import RecordingFlowOptions
from timbrel.recipes import Recipe
from timbrel.signal.frontends.log_magnitude import LogMagnitude

_FEWEST_POSITIONS = 8


def suited(recipe: Recipe, sounds: Sequence[Tensor], sample_rate: int) -> Recipe:
    """Fits a recipe to recordings: no rate above theirs, and windows of about as many seconds.

    Args:
        recipe: The recipe.
        sounds: The recordings, [C, T] each.
        sample_rate: Their rate in Hz.

    Returns:
        The recipe; its windows are halved for each halving of the rate.

    Raises:
        TrainingError: When the recordings are too short, or the front end is another.
    """
    front_end = recipe.front_end
    if not isinstance(front_end, LogMagnitude):
        raise TrainingError(f"the front end {front_end!r:.60}", "log_magnitude")
    rate, factor = min(recipe.sample_rate, sample_rate), 1
    while rate * factor * 1.5 < recipe.sample_rate:
        factor *= 2
    sizes = {"n_fft": front_end.n_fft // factor, "hop_samples": front_end.hop_samples // factor}
    fitted = front_end.model_copy(update=sizes)
    options = cast(RecordingFlowOptions, recipe.network)
    shortest_s = min(sound.shape[1] for sound in sounds) / sample_rate
    least_s = _FEWEST_POSITIONS * options.frames_a_position[0] * fitted.hop_samples / rate
    if shortest_s < least_s:
        raise TrainingError(
            f"a recording of {shortest_s:.2g} s",
            f"{least_s:.2g} s or more",
            "take a longer recording",
        )
    return recipe.model_copy(update={"front_end": fitted, "sample_rate": rate})
