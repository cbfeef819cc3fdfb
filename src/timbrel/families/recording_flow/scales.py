"""A recording as a pyramid: principal components of its frames, apart by scales of time.

    frames [K, N]  --mean over 16-->  coarse [K0, N/16]
                   --mean over 4--->  middle [K1, N/4]  - coarse, made longer  = what is new there
                   ---------------->  fine   [K2, N]    - middle, made longer  = what is new there

Each scale is the one above it, made longer, and what is new there; what is new is what is drawn.
All of it is linear, so that what is known of a frame is known at every scale.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.families.recording_flow.config import RecordingFlowOptions

_TINY = 1e-4
_SOFTENED = 0.5  # between leaving the components as they are (0) and making all as large (1)


class Scales(nn.Module):
    """The components of a recording's frames, and how large what is new at each scale is.

    Until `fit` has been called there is nothing in it.

    Args:
        options: The recipe's network table.
        rows: F, rows of a code.
    """

    mean: Tensor
    basis: Tensor
    first: Tensor
    sizes: Tensor
    spreads: Tensor

    def __init__(self, options: RecordingFlowOptions, rows: int) -> None:
        super().__init__()
        self.options = options
        count, most = len(options.components), options.components[-1]
        self.register_buffer("mean", torch.zeros(rows))
        self.register_buffer("basis", torch.zeros(most, rows))
        self.register_buffer("first", torch.zeros(options.components[0]))
        self.register_buffer("sizes", torch.ones(count, most))
        self.register_buffer("spreads", torch.ones(count))

    def of(self, code: Tensor) -> Tensor:
        """Finds the components of frames, [..., F, N] -> [..., K, N]."""
        return self.basis @ (code.float() - self.mean[:, None])

    def code(self, components: Tensor) -> Tensor:
        """Goes back, [..., K, N] -> [..., F, N], not clipped."""
        return self.basis.t() @ components + self.mean[:, None]

    def fit(self, frames: Tensor, known: Tensor) -> None:
        """Finds the components of a recording.

        Args:
            frames: The code of all recordings, [F, N].
            known: 1 for frames to learn from, else 0, [N].

        Source:
            Pearson 1901.
        """
        used = frames.float()[:, known > 0]
        self.mean.copy_(used.mean(1))
        centred = used - self.mean[:, None]
        values, vectors = torch.linalg.eigh((centred @ centred.t()).double())
        kept = min(len(self.basis), int((values > _TINY).sum()))
        self.basis.zero_()
        if kept:
            self.basis[:kept] = vectors[:, -kept:].flip(1).t().float()
        self._see(frames, known)

    def _see(self, frames: Tensor, known: Tensor) -> None:
        even = frames.shape[1] // self.options.frames_a_position[0]
        count = even * self.options.frames_a_position[0]  # so that all scales fit
        known = known[:count]
        self._measure(bridged(self.of(frames[:, :count]), known), known)

    def turn_to(self, other: "Scales", frames: Tensor, known: Tensor) -> None:
        """Turns the components so that each means, as nearly as can be, what it means in another.

        What a scale sees, its leading components together, is not changed by that.

        Args:
            other: Whose components are the example.
            frames: The code of all recordings, [F, N].
            known: 1 for frames to learn from, else 0, [N].

        Source:
            Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
        """
        for first, end in pairwise((0, *self.options.components)):
            own = self.basis[first:end].double()
            left, _, right = torch.linalg.svd(other.basis[first:end].double() @ own.t())
            self.basis[first:end] = (left @ right @ own).float()
        self._see(frames, known)

    def _measure(self, components: Tensor, known: Tensor) -> None:
        for scale, told in enumerate(self.apart(components)):
            used = told[:, _pooled(known[None], self.options.frames_a_position[scale])[0] >= 1]
            if not scale:
                self.first.copy_(used.mean(1))
                used = used - self.first[:, None]
            size = used.square().mean(1).sqrt()
            largest = size.max().clamp(min=_TINY)
            soft = (size**_SOFTENED * largest ** (1 - _SOFTENED)).clamp(min=_TINY)
            self.sizes[scale, : len(soft)] = soft
            whole = self.at(components, scale)
            self.spreads[scale] = whole.std().clamp(min=_TINY)

    # --- scales --------------------------------------------------------------------------------

    def at(self, components: Tensor, scale: int) -> Tensor:
        """Tells components at a scale: means over its positions, [..., K, N] -> [..., K', L]."""
        pooled = _pooled(components, self.options.frames_a_position[scale])
        return pooled[..., : self.options.components[scale], :]

    def longer(self, above: Tensor, scale: int) -> Tensor:
        """Makes what the scale above a scale tells as long and as wide as the scale's own."""
        spans = self.options.frames_a_position
        factor = spans[scale - 1] // spans[scale]
        flat = above.reshape(-1, *above.shape[-2:])
        long = functional.interpolate(flat, scale_factor=factor, mode="linear", align_corners=False)
        more = self.options.components[scale] - above.shape[-2]
        wide = functional.pad(long, (0, 0, 0, more))
        return wide.reshape(*above.shape[:-2], *wide.shape[-2:])

    def apart(self, components: Tensor) -> list[Tensor]:
        """Takes components apart: what is new at each scale, [K', L] each; N fits all scales."""
        found = [self.at(components, 0)]
        for scale in range(1, len(self.options.components)):
            above = self.at(components, scale - 1)
            found.append(self.at(components, scale) - self.longer(above, scale))
        return found

    def scaled(self, new: Tensor, scale: int) -> Tensor:
        """Brings what is new at a scale, [..., K', L], to a spread of about one."""
        middle = self.first[:, None] if not scale else 0.0
        return (new - middle) / self.sizes[scale, : new.shape[-2], None]

    def unscaled(self, drawn: Tensor, scale: int) -> Tensor:
        """The way back of `scaled`."""
        middle = self.first[:, None] if not scale else 0.0
        return drawn * self.sizes[scale, : drawn.shape[-2], None] + middle

    def spread(self, scale: int) -> Tensor:
        """Tells the spread of each value that `scaled` gives, [K']."""
        soft = self.sizes[scale, : self.options.components[scale]]
        return soft / soft.max()  # as far as softening left them unlike

    def told(self, above: Tensor, scale: int) -> Tensor:
        """Scales what a network is told of the scale above its own."""
        return above / self.spreads[scale - 1]


def bridged(components: Tensor, known: Tensor) -> Tensor:
    """Puts straight lines where nothing is known, so that means around there tell nothing of it.

    Args:
        components: Components, [K, N].
        known: 1 for frames that are known, else 0, [N].

    Returns:
        The same where they are known.

    Example:
        >>> bridged(torch.tensor([[1.0, 9.0, 9.0, 4.0, 9.0]]), torch.tensor([1, 0, 0, 1, 0]))
        tensor([[1., 2., 3., 4., 4.]])
    """
    places = (known > 0).nonzero()[:, 0]
    if len(places) in (0, len(known)):
        return components
    at = torch.arange(len(known), device=components.device)
    after = torch.searchsorted(places, at).clamp(max=len(places) - 1)
    before = (torch.searchsorted(places, at, right=True) - 1).clamp(min=0)
    first, last = places[before], places[after]
    share = (at - first) / (last - first).clamp(min=1)
    made = torch.lerp(components[:, first], components[:, last], share.clamp(0, 1).to(components))
    return torch.where(known.to(components) > 0, components, made)


def _pooled(components: Tensor, frames: int) -> Tensor:
    if frames == 1:
        return components
    flat = components.reshape(-1, 1, components.shape[-1])
    pooled = functional.avg_pool1d(flat, frames)
    return pooled.reshape(*components.shape[:-1], -1)
