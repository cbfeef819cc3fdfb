"""Loads an export again and compares it with its instrument: the same input, the same noise."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import InstrumentError
from timbrel.exporting.graphs.building import Bundle
from timbrel.exporting.graphs.host import Player
from timbrel.instruments.instrument import Instrument
from timbrel.signal.frontends.log_magnitude import LogMagnitude

LATENT_DB = -40.0  # the largest error of a latent: a hundredth of it
WAVE_DB = -40.0  # the largest error of a waveform whose phase is not searched for
SPECTRUM_DB = 0.5  # the largest mean difference of spectrograms
_VIEW = LogMagnitude(n_fft=512, hop_samples=128)
_RUNS = 5
_SILENT_DB = -200.0


@dataclass(frozen=True)
class Parity:
    """How far one way of an export is from its instrument.

    Attributes:
        way: The way.
        sounds: On how many sounds.
        latent_db: The error of latents, in dB of their size; None where none was compared.
        wave_db: The error of waveforms, in dB of their size.
        spectrum_db: Mean difference of spectrograms, in dB.
        onnx_ms: Median time of the export, for one sound.
        torch_ms: Median time of the instrument.
        real_time: Seconds that the export takes for a second of sound.
        threads: Processor threads of both.
    """

    way: str
    sounds: int
    latent_db: float | None
    wave_db: float
    spectrum_db: float
    onnx_ms: float
    torch_ms: float
    real_time: float
    threads: int


class Fed(Player):
    """A player that draws what the instrument draws from the same seed.

    Args:
        folder: The export.
        seed: The seed.
        threads: Processor threads.
    """

    def __init__(self, folder: Path, seed: int, threads: int) -> None:
        super().__init__(folder, threads)
        self._seed = seed

    def drawn(self, port: dict[str, Any], shape: list[int], rng: np.random.Generator) -> Any:
        """See `Player.drawn`."""
        generator = torch.Generator().manual_seed(self._seed)
        if port["draw"] == "normal":
            return torch.randn(shape, generator=generator).numpy()
        if port["draw"] == "uniform":
            return torch.rand(shape, generator=generator).numpy()
        return super().drawn(port, shape, rng)


def compared(
    folder: Path,
    bundle: Bundle,
    instrument: Instrument,
    *,
    sounds: Sequence[Tensor],
    latents: Sequence[Tensor],
    grain: float,
) -> list[Parity]:
    """Compares an export with its instrument.

    Args:
        folder: The export.
        bundle: What was written there.
        instrument: The instrument, on the CPU.
        sounds: Sounds as it hears them, [1, T] each.
        latents: Latents that it plays, [1, Z] each.
        grain: How much of the grain it draws, 0 to 1.

    Returns:
        How far each way is from it.

    Raises:
        InstrumentError: When one is farther than it may be.
    """
    player = Fed(folder, 0, torch.get_num_threads())
    given: dict[str, list[_Case]] = {
        "reconstruct": [_heard(instrument, bundle, sound) for sound in sounds],
        "generate": [_drawn(instrument, bundle, latent, grain) for latent in latents],
    }
    return [
        _checked(_parity(player, way, given[way], instrument), bundle)
        for way in bundle.ways
        if given.get(way)
    ]


@dataclass(frozen=True, eq=False)
class _Case:
    """What an export is given, and what the instrument makes of the same."""

    given: dict[str, Tensor]
    latent: Tensor | None
    sound: Tensor
    again: Callable[[], object]


def _heard(instrument: Instrument, bundle: Bundle, sound: Tensor) -> _Case:
    def again() -> Tensor:
        latent, reference = instrument.encode(sound)
        detail = instrument.detail(sound)
        return instrument.decode(latent, reference, detail=detail, phase=bundle.phase)

    given = {"sound": sound}
    if instrument.side_rows:
        given["side"] = instrument.listen(sound)[0][:, -instrument.side_rows :]
    return _Case(given, instrument.encode(sound)[0], again(), again)


def _drawn(instrument: Instrument, bundle: Bundle, latent: Tensor, grain: float) -> _Case:
    def again() -> Tensor:
        return instrument.decode(latent, torch.ones(1), grain=grain, phase=bundle.phase)

    return _Case({"latent": latent}, None, again(), again)


def _parity(player: Player, way: str, cases: Sequence[_Case], instrument: Instrument) -> Parity:
    found = [_played(player, way, case) for case in cases]
    pairs = [(one["sound"], case.sound) for one, case in zip(found, cases, strict=True)]
    latents = [
        error_db(torch.from_numpy(one["latent"]), case.latent)
        for one, case in zip(found, cases, strict=True)
        if case.latent is not None and "latent" in one
    ]
    onnx_ms = _median_ms(lambda: _played(player, way, cases[0]))
    return Parity(
        way=way,
        sounds=len(cases),
        latent_db=max(latents, default=None),
        wave_db=max(error_db(torch.from_numpy(made), wanted) for made, wanted in pairs),
        spectrum_db=max(spectrum_db(torch.from_numpy(made), wanted) for made, wanted in pairs),
        onnx_ms=onnx_ms,
        torch_ms=_median_ms(cases[0].again),
        real_time=onnx_ms / 1000 / (cases[0].sound.shape[1] / instrument.sample_rate),
        threads=torch.get_num_threads(),
    )


def _played(player: Player, way: str, case: _Case) -> dict[str, Any]:
    given = {name: value.contiguous().numpy() for name, value in case.given.items()}
    return player.play(way, given, np.random.default_rng(0))


def _median_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_RUNS):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def error_db(found: Tensor, wanted: Tensor) -> float:
    """Tells how large an error is beside what was wanted.

    Args:
        found: What was found, any shape.
        wanted: What was wanted, the same shape.

    Returns:
        Decibels; -200 where there is no error worth naming.

    Example:
        >>> round(error_db(torch.tensor([1.01]), torch.tensor([1.0])))
        -40
    """
    error, size = (float(x.double().square().sum()) for x in (found - wanted, wanted))
    if error <= 1e-20 * size:
        return _SILENT_DB
    return 10 * math.log10(error / max(size, 1e-30))


def spectrum_db(found: Tensor, wanted: Tensor) -> float:
    """Tells how far spectrograms are apart, in the cells that can be heard of either.

    Args:
        found: Sounds, [B, T].
        wanted: Sounds, [B, T].

    Returns:
        The mean difference in dB; 0 where both are silent.
    """
    codes = [_VIEW.encode(sound, sample_rate=1) for sound in (found, wanted)]
    levels = [code * _VIEW.range_db for code, _ in codes]
    heard = (levels[0] > 0) | (levels[1] > 0)
    louder = 20 * (codes[0][1] / codes[1][1]).log10()[:, None, None]
    apart = (levels[0] - levels[1] + louder).abs()[heard]
    return float(apart.mean()) if apart.numel() else 0.0


def _checked(parity: Parity, bundle: Bundle) -> Parity:
    """Refuses a way that does not sound as the instrument does."""
    faults = []
    if parity.latent_db is not None and not parity.latent_db <= LATENT_DB:
        faults.append(f"latents are off by {parity.latent_db:.1f} dB, {LATENT_DB:g} dB at most")
    if not parity.spectrum_db <= SPECTRUM_DB:
        faults.append(f"sounds differ by {parity.spectrum_db:.2f} dB, {SPECTRUM_DB:g} dB at most")
    if not bundle.turns and not parity.wave_db <= WAVE_DB:
        faults.append(f"waveforms are off by {parity.wave_db:.1f} dB, {WAVE_DB:g} dB at most")
    if faults:
        raise InstrumentError(
            f"the graphs do not {parity.way} as the instrument does: {'; '.join(faults)}",
            advice="nothing was written; please report it with the recipe's name",
        )
    return parity
