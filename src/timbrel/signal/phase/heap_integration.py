"""Phase-gradient heap integration: the phase that the magnitudes themselves tell of."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.recipes import option
from timbrel.signal.phase import HasSlopes, PhaseMethod, Transform, _consistency, _iteration
from timbrel.signal.stft import FrameSpec, check_spectrogram

_TINY = 1e-30


class HeapIntegration(PhaseMethod):
    """Slopes of the log-magnitude tell the slopes of the phase; adding them up gives the phase.

    Exact for a Gaussian window in continuous time, near to it for a Hann window, and the better
    the more the frames overlap: a hop of an eighth of the window is where it shines.
    """

    title: ClassVar[str] = "phase-gradient heap integration"
    iterative: ClassVar[bool] = False
    deterministic: ClassVar[bool] = True
    source: ClassVar[str] = "Průša, Balazs & Søndergaard 2017"

    name: Literal["heap_integration"] = option("heap_integration", "Which phase method.")
    tolerance: float = option(
        1e-6, "Cells below this part of the largest keep a phase of zero.", low=1e-10, high=0.5
    )
    iterations: int = option(
        0, "Rounds of fast Griffin-Lim that follow, from the phase found.", low=0, high=10000
    )
    momentum: float = option(0.99, "How far these leap ahead.", low=0, high=0.999)

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `PhaseMethod.waveform`."""
        check_spectrogram(magnitude, frames, length_samples)
        return _iteration.find_waveform(
            magnitude,
            frames,
            iterations=self.iterations,
            momentum=self.momentum,
            length_samples=length_samples,
            start=integrated(magnitude, frames, self.tolerance),
        )

    def waveform_in(
        self, magnitude: Tensor, transform: Transform, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `ServesTransforms.waveform_in`."""
        return _consistency.find_waveform_in(
            magnitude,
            transform,
            iterations=self.iterations,
            momentum=self.momentum,
            length_samples=length_samples,
            start=integrated(magnitude, transform, self.tolerance),
        )


def integrated(magnitude: Tensor, transform: HasSlopes, tolerance: float) -> Tensor:
    """Finds phases by integration, one sound a core.

    Args:
        magnitude: Magnitudes, [B, F, N].
        transform: What they are the magnitudes of.
        tolerance: Which part of the largest magnitude is too little to be integrated.

    Returns:
        Phases in turns, [B, N, F], on the CPU.
    """
    cells = magnitude.detach().float().cpu().transpose(1, 2)
    with ThreadPoolExecutor(max(1, torch.get_num_threads())) as pool:
        found = pool.map(lambda one: _integrated_one(one, transform, tolerance), cells)
        return torch.stack(list(found))


def _integrated_one(magnitude: Tensor, transform: HasSlopes, tolerance: float) -> Tensor:
    """The phase of one sound: magnitudes [N, F] to turns [N, F]."""
    from timbrel.signal.phase import _heap

    relative = magnitude / magnitude.amax().clamp(min=_TINY)
    logs = relative.clamp(min=tolerance).log()
    loudness = 1 - logs / math.log(tolerance)
    along_time, along_frequency, advance = transform.phase_slopes(*slopes(logs))
    turns = _heap.integrate(
        loudness.contiguous().numpy(),
        along_time.numpy(),
        along_frequency.numpy(),
        advance.double().numpy(),
    )
    return torch.from_numpy(turns)


def slopes(logs: Tensor) -> tuple[Tensor, Tensor]:
    """Gives the slopes of log-magnitudes, by differences around each cell.

    Args:
        logs: Natural logarithms of magnitudes, [N, F].

    Returns:
        The slope along time for each frame and along frequency for each bin, [N, F] each. The
        spectrum of a real sound is even, so that the second is 0 at its ends.
    """
    ahead = torch.cat([logs[1:], logs[-1:]])
    behind = torch.cat([logs[:1], logs[:-1]])
    over_frequency = pad((logs[:, 2:] - logs[:, :-2]) / 2, (1, 1))
    return (ahead - behind) / 2, over_frequency


PHASE = HeapIntegration
