"""What training minimises: at every scale, the error of the flow's velocities."""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from timbrel.errors import TrainingError
from timbrel.families.recording_flow.config import RecordingFlowOptions
from timbrel.families.recording_flow.copies import DULL, NOISY, random_dull, random_noisy
from timbrel.families.recording_flow.network import RecordingFlow
from timbrel.families.recording_flow.scales import bridged
from timbrel.families.recording_flow.velocity import KINDS, Told
from timbrel.losses.flow import time_between

_NAMES = ("coarse", "middle", "fine")
_JUDGED = 4  # times as many stretches are judged as learned from at once


class Crop(NamedTuple):
    """Stretches of the recordings, some frames longer at both ends than what is learned.

    Attributes:
        code: The code of all recordings, [F, N'].
        rows: The frames of it that each holds, [B, N].
        components: Their components, [B, K, N].
        known: 1 where they see no hole, else 0, [B, 1, N].
    """

    code: Tensor
    rows: Tensor
    components: Tensor
    known: Tensor

    def codes(self, numbers: Tensor) -> Tensor:
        """Gives the codes of some stretches, [b, F, N]."""
        return _taken(self.code, self.rows[numbers]).float()


class RecordingFlowObjective:
    """All scales learn side by side, each from stretches of its own length, from any frame on.

    Args:
        options: The recipe's network table.
    """

    def __init__(self, options: RecordingFlowOptions) -> None:
        self.options = options
        self._components: Tensor | None = None  # of all recordings, found once
        self._known: Tensor | None = None

    def losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.Objective.losses`.

        Args:
            network: A `RecordingFlow`.
            code: The code of all recordings, one after the other, [1, F, N].
            label: Not used.
            step: Not used.
            generator: Draws stretches, noise and times.

        Returns:
            ``loss``, the mean of its parts, one a scale: the mean square of what the guess misses,
            where 1 is what the best linear guess misses.
        """
        if not isinstance(network, RecordingFlow):
            raise TrainingError(f"a network of type {type(network).__name__}", "a RecordingFlow")
        with torch.no_grad(), torch.autocast(code.device.type, enabled=False):
            self._look(network, code)
        parts = [
            self._scale(network, code, scale, generator)
            for scale in range(len(self.options.components))
        ]
        told = {
            (_NAMES[scale] if len(parts) == len(_NAMES) else f"scale_{scale + 1}"): part.detach()
            for scale, part in enumerate(parts)
        }
        return {"loss": torch.stack(parts).mean(), **told}

    def _look(self, network: RecordingFlow, code: Tensor) -> None:
        if self._components is None or self._components.device != code.device:
            self._known = network.known_frames().to(code.device)
            self._components = bridged(network.scales.of(code[0]), self._known)

    def _scale(
        self, network: RecordingFlow, code: Tensor, scale: int, generator: torch.Generator
    ) -> Tensor:
        with torch.no_grad(), torch.autocast(code.device.type, enabled=False):
            crop = self._crop(network, code, scale, generator)
            new, told, weight = self._seen(network, crop, scale, generator)
            noise = torch.randn(new.shape, generator=generator, device=generator.device).to(new)
            time = time_between(len(new), generator).to(new)
            point = torch.lerp(noise, new, time[:, None, None])
            spread = network.scales.spread(scale)
        guess = network.velocities[scale](point, time, spread, told)
        wanted = (new - guess.linear) / guess.spread
        counts = spread[:, None] / spread.mean()
        error = (counts * (guess.added - wanted).square()).mean(1, keepdim=True)
        found: Tensor = (error * weight).sum() / weight.sum().clamp(min=1.0)
        return found

    # --- stretches -----------------------------------------------------------------------------

    def _crop(
        self, network: RecordingFlow, code: Tensor, scale: int, generator: torch.Generator
    ) -> Crop:
        """Draws stretches from any frame on, each within one recording."""
        assert self._components is not None and self._known is not None  # noqa: PT018, S101
        span, frames = network.span, self.options.frames_a_position[scale]
        count = self.options.batches[scale] * (1 if network.training else _JUDGED)
        ends = [0, *(int(e) // network.hop_samples for e in network.recording.ends if e > 0)]
        ends[-1] = code.shape[2]
        shortest = min(b - a for a, b in pairwise(ends)) // span * span
        length = min(self.options.crops[scale] * frames, max(span, shortest - 2 * span))
        length = max(span, length // span * span)
        rows = _rows(ends, length + 2 * span, span, count, generator).to(code.device)
        known = _taken(self._known[None].float(), rows)
        return Crop(code[0], rows, _taken(self._components, rows), known)

    def _seen(
        self, network: RecordingFlow, crop: Crop, scale: int, generator: torch.Generator
    ) -> tuple[Tensor, Told, Tensor]:
        """What is new in stretches, what the network is told of them, and what counts."""
        scales, frames = network.scales, self.options.frames_a_position[scale]
        edge = network.span // frames
        inside = slice(edge, -edge)
        whole = scales.at(crop.components, scale)
        seen = whole.new_zeros(len(whole), 0, whole.shape[2])
        wide = None
        if scale:
            above = scales.at(crop.components, scale - 1)
            wide = scales.longer(above, scale)
            seen = scales.told(wide[:, : above.shape[1]], scale)
            doubt = torch.rand(len(seen), 1, 1, generator=generator, device=generator.device)
            noise = torch.randn(seen.shape, generator=generator, device=generator.device)
            seen = seen + self.options.doubt * doubt.to(seen) * noise.to(seen)
        new = scales.scaled(whole if wide is None else whole - wide, scale)
        valid = (scales.at(crop.known, scale) >= 1).to(new)
        mask = self._mask(new, generator) * valid
        hint, kind = self._hints(network, crop, scale, generator)
        told = Told(seen, new * mask, mask, hint, kind)
        weight = (valid * (1 - mask))[..., inside]
        return new[..., inside], Told(*(part[..., inside] for part in told)), weight

    def _mask(self, new: Tensor, generator: torch.Generator) -> Tensor:
        """What of each stretch is known: nothing, what comes first or last, or all but a gap."""
        count, length = len(new), new.shape[2]
        draws = torch.rand(count, 4, generator=generator, device=generator.device)
        place = torch.arange(length) / length
        masks = torch.zeros(count, 1, length)
        for number, (led, way, one, other) in enumerate(draws.tolist()):
            if led >= self.options.led:
                continue
            low, high = sorted((one, other))
            if way < 0.5:
                masks[number, 0] = (place < one).float()
            elif way < 0.65:
                masks[number, 0] = (place >= one).float()
            else:
                masks[number, 0] = ((place < low) | (place >= high)).float()
        return masks.to(new)

    def _hints(
        self, network: RecordingFlow, crop: Crop, scale: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """What dull and noisy copies of some stretches tell."""
        count = len(crop.rows)
        draws = torch.rand(count, 2, generator=generator, device=generator.device)
        hinted, dull = draws[:, 0] < self.options.hinted, draws[:, 1] < 0.5
        length = crop.components.shape[2] // self.options.frames_a_position[scale]
        hint = crop.components.new_zeros(count, self.options.components[scale], length)
        kind = crop.components.new_zeros(count, KINDS, length)
        for which, number in ((hinted & dull, DULL), (hinted & ~dull, NOISY)):
            some = which.nonzero()[:, 0].to(crop.rows.device)
            if not len(some):
                continue
            copy = self._copy(network, crop.codes(some), number, generator)
            hint[some] = network.hinted(network.scales.of(copy), scale)
            kind[some, number] = 1
        return hint, kind

    def _copy(
        self, network: RecordingFlow, code: Tensor, kind: int, generator: torch.Generator
    ) -> Tensor:
        if kind == DULL:
            return random_dull(code, bins=network.bins, generator=generator)
        return random_noisy(
            code, bins=network.bins, range_db=self.options.unit_db, generator=generator
        )


def _taken(part: Tensor, rows: Tensor) -> Tensor:
    """Frames of a code [R, N'], in stretches, [B, R, N]."""
    found = part.t()[rows.flatten()].reshape(*rows.shape, len(part))
    return found.transpose(1, 2)


def _rows(
    ends: list[int], length: int, span: int, count: int, generator: torch.Generator
) -> Tensor:
    """Frames of stretches, [count, length]; beyond a recording's ends its last frame holds on."""
    sizes = torch.tensor([b - a for a, b in pairwise(ends)], dtype=torch.float)
    draws = torch.rand(count, 2, generator=generator, device=generator.device).cpu()
    parts = torch.multinomial(sizes, count, replacement=True, generator=_own(generator))
    firsts = torch.tensor(ends[:-1])[parts]
    lasts = torch.tensor(ends[1:])[parts] - 1
    room = (lasts + 1 - firsts - (length - 2 * span)).clamp(min=0)
    begin = firsts - span + (draws[:, 0] * (room + 1)).floor().long()
    rows = begin[:, None] + torch.arange(length)
    return rows.clamp(firsts[:, None], lasts[:, None])


def _own(generator: torch.Generator) -> torch.Generator:
    """A generator of the processor that depends on another of any device."""
    seed = int(torch.randint(2**31, (1,), generator=generator, device=generator.device))
    return torch.Generator().manual_seed(seed)
