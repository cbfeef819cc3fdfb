"""Notes played back by spectral autoencoders, and what metrics hear of them."""

import torch
from torch import Tensor

from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.pairs import load_metrics
from timbrel.experiments import _judging
from timbrel.experiments._contrasts import Variable
from timbrel.experiments._controlled import Measured, Trial
from timbrel.instruments.instrument import Instrument
from timbrel.signal.phase import GivesPhase
from timbrel.signal.phase.original import Original

METRICS = ("log_spectral_distance", "envelope_error", "pitch_error", "odg")
PLAINLY, KEPT = "odg_plainly", "odg_kept_phase"
HEARD = (
    Variable("log_spectral_distance", "LSD (dB)", unit="dB"),
    Variable("envelope_error", "Envelope error (dB)", unit="dB"),
    Variable("pitch_error", "Pitch error (cents)", digits=1, unit="cents"),
    Variable("odg", "ODG", "higher"),
    Variable(PLAINLY, "ODG, energy as it comes", "higher"),
    Variable(KEPT, "ODG, original phase", "higher"),
)


def played_back(trial: Trial, most: int) -> Measured:
    """Plays test notes back, three ways, and hears them.

    Args:
        trial: A trained network.
        most: Notes at most.

    Returns:
        The keys of `HEARD`, a value a note: all metrics of notes with S4's energy correction and
        phases by the recipe's method; ODG without the correction; ODG with it and the note's own
        phase.
    """
    made = trial.instrument()
    of = _judging.held_out(trial.workspace, made, most=most, seed=trial.seed)
    metrics = {name: one for name, one in load_metrics(METRICS).items() if not one.missing}
    found: dict[str, list[float]] = {name: [] for name in metrics}
    plainly: list[float] = []
    kept: list[float] = []
    for note in of.waveforms:
        corrected = decoded(made, note, seed=trial.seed)
        for name, metric in metrics.items():
            found[name].append(metric.compute(note, corrected, of.sample_rate))
        if "odg" in metrics:
            odg: Metric = metrics["odg"]
            plain = decoded(made, note, seed=trial.seed, energy=False)
            own = decoded(made, note, seed=trial.seed, phase=Original().keeping(note[None]))
            plainly.append(odg.compute(note, plain, of.sample_rate))
            kept.append(odg.compute(note, own, of.sample_rate))
    return {**found, PLAINLY: plainly, KEPT: kept}


def decoded(
    made: Instrument,
    note: Tensor,
    *,
    seed: int,
    phase: GivesPhase | None = None,
    energy: bool = True,
) -> Tensor:
    """Plays one note back.

    Args:
        made: The instrument.
        note: The note, [T].
        seed: Seed of the phase method.
        phase: The way to a waveform; None takes the recipe's.
        energy: Whether each frame is given the energy that it has in the note (S4).

    Returns:
        What came back, [T].
    """
    latent, level = made.encode(note[None])
    played = made.decode(
        latent,
        level,
        detail=made.detail(note[None]),
        seed=seed,
        phase=phase or _judging.recipe_phase(made),
        energy=made.energy(note[None]) if energy else None,
    )
    return torch.nan_to_num(played[0])
