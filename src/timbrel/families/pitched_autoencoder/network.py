"""The network: a small latent over time, pitch and level beside it."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.sequences import mixed, pooled, stretched
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.pitched_autoencoder.axes import PLACES, BandAxis
from timbrel.families.pitched_autoencoder.config import PitchedAutoencoderOptions
from timbrel.families.pitched_autoencoder.hearing import levels, measured
from timbrel.families.pitched_autoencoder.moments import MomentBlock
from timbrel.families.pitched_autoencoder.painter import Painter
from timbrel.families.pitched_autoencoder.pitch_rows import (
    NO_PITCH,
    SIDE_ROWS,
    fundamental_bins,
    joined,
    parted,
)

_TOLD = 3  # of each frame: level, pitch, clarity
_FARTHEST = 5.0  # that a timbre goes, in spreads of all timbres
_GAPS, _PARTIALS = 0.8, 0.2  # below its level that a fresh network paints noise and partials
_SEMITONES = 64.0  # about the middle of the notes there are


class Told(NamedTuple):
    """What is kept of each frame beside the timbre.

    Attributes:
        level: Energy in units of the code, 0 or less where silent, [B, N].
        semitones: Pitch, [B, N].
        clarity: How clear it is, [B, N].
    """

    level: Tensor
    semitones: Tensor
    clarity: Tensor


class PitchedAutoencoder(nn.Module):
    """A spectral autoencoder whose latent tells timbre alone.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes, and their rate.

    Shape:
        detail: code [B, F + 3, N] -> [B, Z + strip + 2, L], one position for `strip_frames` frames:
            timbre, levels of the frames, pitch, clarity
        play: detail -> code [B, F + 3, N]
    """

    any_length = True
    memory_format = torch.channels_last
    averaging: Tensor

    def __init__(self, options: PitchedAutoencoderOptions, facts: DataFacts) -> None:
        super().__init__()
        self.options, self.slice_frames = options, options.slice_frames
        bins = facts.bins - SIDE_ROWS
        self.frames, self.strip = facts.frames, options.strip_frames
        self.bin_hz = facts.sample_rate / 2 / (bins - 1)
        axis = BandAxis(bins, options.bands, self.bin_hz)
        self.register_buffer("averaging", axis.averaging(), persistent=False)
        width, strip = options.channels, options.strip_frames
        measures = 2 * PLACES + options.bands + _TOLD
        self.listen = nn.Conv2d(measures, width, (1, 3), padding=(0, 1))
        self.join = nn.Conv2d(width, width, (1, strip), stride=(1, strip))
        self.heard = nn.ModuleList(MomentBlock(width) for _ in range(options.blocks))
        self.latent = nn.Conv2d(width, options.latent_size, 1)
        self.spread = nn.BatchNorm1d(options.latent_size, affine=False)
        self.tell = nn.Conv2d(options.latent_size, width, (1, 3), padding=(0, 1))
        self.told = nn.ModuleList(MomentBlock(width) for _ in range(options.blocks))
        self.part = nn.ConvTranspose2d(width, width, (1, strip), stride=(1, strip))
        self.beside = nn.Conv2d(_TOLD, width, (1, 3), padding=(0, 1))
        self.band_values = 2 + options.features
        self.partial_values = 1 + options.features
        values = self.band_values * options.bands + self.partial_values * PLACES
        self.last = nn.Conv2d(width, values, (1, 3), padding=(0, 1))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)  # type: ignore[arg-type]
        self.painter = Painter(
            bins, self.bin_hz, bands=options.bands, features=options.features,
            channels=options.painter_channels, unit_db=options.unit_db,
        )  # fmt: skip

    # ---- hearing -------------------------------------------------------------------------------

    def facts_of(self, code: Tensor) -> tuple[Tensor, Told]:
        """Takes a code [B, F + 3, N] apart: its magnitudes, and what is told beside the timbre."""
        magnitude, semitones, clarity = parted(code)
        return magnitude, Told(levels(magnitude, self.options.unit_db), semitones, clarity)

    def timbre(self, magnitude: Tensor, told: Told) -> Tensor:
        """Hears the timbre of magnitudes [B, F, N], as [B, Z, L]; N a multiple of the strip."""
        fundamental = fundamental_bins(told.semitones, self.bin_hz)
        measures = measured(magnitude, fundamental, self.averaging)
        relative = (measures - told.level[:, None]).clamp(-1.0, 0.5)
        relative = torch.where(told.level[:, None] > 0, relative, -1.0)
        sounding = told.level[:, None, None] > 0
        seen = torch.cat([relative, _as_inputs(told)], dim=1)[:, :, None] * sounding
        hidden = functional.silu(self.listen(seen)) * sounding
        hidden = _along(self.heard, functional.silu(self.join(hidden)), self._strips(told))
        latent: Tensor = self.spread(self.latent(hidden)[:, :, 0].float())
        return latent.clamp(-_FARTHEST, _FARTHEST)

    # ---- playing -------------------------------------------------------------------------------

    def magnitudes(self, latent: Tensor, told: Told) -> Tensor:
        """Paints magnitudes [B, F, N] of timbres [B, Z, L]; not yet clipped."""
        sounding, strips = told.level[:, None, None] > 0, self._strips(told)
        hidden = functional.silu(self.tell(latent[:, :, None] * strips))
        hidden = self.part(_along(self.told, hidden, strips))
        beside = self.beside(_as_inputs(told)[:, :, None] * sounding)
        hidden = functional.silu(hidden + beside) * sounding
        values = self.last(hidden)[:, :, 0].float().transpose(1, 2).flatten(0, 1)
        bands, partials = values.split(
            [self.band_values * self.options.bands, self.partial_values * PLACES], dim=1
        )
        fundamental = fundamental_bins(told.semitones, self.bin_hz).flatten()
        painted: Tensor = self.painter(
            bands.unflatten(1, (self.band_values, -1)) - _GAPS,
            partials.unflatten(1, (self.partial_values, -1)) - _PARTIALS,
            fundamental,
        )
        frames = painted.reshape(*told.level.shape, -1)
        return frames.transpose(1, 2) + told.level[:, None]

    # ---- what instruments ask ------------------------------------------------------------------

    def detail(self, code: Tensor) -> Tensor:
        """Hears codes [B, F + 3, N] as sequences, [B, Z + strip + 2, L]."""
        positions = -(-code.shape[2] // self.strip)
        magnitude, told = self.facts_of(_in_strips(_until(code, _sounding(code)), self.strip))
        rows = [self.timbre(magnitude, told), self._strips_of(told.level)]
        steady = [self._strip_means(one, told.level) for one in (told.semitones, told.clarity)]
        detail = torch.cat([*rows, torch.stack(steady, dim=1)], dim=1)
        return _lengthened(detail, positions)

    def play(self, detail: Tensor) -> tuple[Tensor, None]:
        """Plays sequences [B, Z + strip + 2, L]: their codes [B, F + 3, N], and no spread."""
        z = self.options.latent_size
        detail = _until(detail, detail[:, z : z + self.strip].amax(dim=1) > 0)
        told = self._told(detail)
        painted = self.magnitudes(detail[:, :z], told)
        magnitude = torch.where(told.level[:, None] > 0, painted.clamp(0, 1), 0.0)
        code = joined(magnitude, told.semitones, told.clarity)[:, :, : self.frames]
        return functional.pad(code, (0, self.frames - code.shape[2])), None

    def encode(self, code: Tensor) -> Tensor:
        """Finds the one vector of codes [B, F + 3, N]: means of cells of time, and the length."""
        return torch.cat([self._pooled(one[None]) for one in self.detail(code)])

    def decode(self, latent: Tensor) -> Tensor:
        """Plays the one vectors [B, Z'] of sounds, without what their cells have averaged away."""
        parts = [self.play(self._drawn(one[None]))[0] for one in latent]
        return torch.cat(parts)

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Gives the sequences that one vectors [B, Z'] stand for; nothing is random in them."""
        drawn = [self._drawn(one[None]) for one in latent]
        longest = max(one.shape[2] for one in drawn)
        return torch.cat([_lengthened(one, longest) for one in drawn])

    def _drawn(self, latent: Tensor) -> Tensor:
        """The sequence of a single vector [1, Z'], as long as that says."""
        length = max(1, round(float(latent[0, -1]) * self._positions))
        rows = stretched(latent[:, :-1], self.options.cells, min(length, self._positions))
        middle, width = self._rows(latent)
        return rows * width + middle

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Mixes sequences [S, B, K, L] by weights [S, L]; who has no pitch has no say in it."""
        blended = mixed(details, weights)
        pitch, clarity = details[:, :, -2], details[:, :, -1]
        say = weights[:, None].to(details) * (clarity > 0)
        total = say.sum(dim=0)
        heard = (pitch * say).sum(dim=0) / torch.where(total.abs() > 1e-3, total, 1.0)
        first = pitch.gather(0, clarity.argmax(dim=0, keepdim=True))[0]
        blended[:, -2] = torch.where(total.abs() > 1e-3, heard, first).clamp(0.0, 127.99)
        blended[:, -1] = blended[:, -1].clamp(0, 1)
        return blended

    def pitch(self, detail: Tensor) -> Tensor:
        """Tells the pitch of sequences [B, K, L] in semitones [B, L], NaN where there is none."""
        return torch.where(detail[:, -1] > 0, detail[:, -2], torch.nan)

    def at_pitch(self, detail: Tensor, semitones: Tensor) -> Tensor:
        """Gives sequences [B, K, L] another pitch [B, L]; what has no pitch stays as it is."""
        given = (detail[:, -1] > 0) & semitones.isfinite()
        changed = detail.clone()
        changed[:, -2] = torch.where(given, semitones.to(detail).clamp(0.0, 127.99), detail[:, -2])
        return changed

    # ---- rows of a detail ----------------------------------------------------------------------

    @property
    def _positions(self) -> int:
        return -(-self.frames // self.strip)

    def _strips(self, told: Told) -> Tensor:
        """Which positions are not silent, [B, 1, 1, L]."""
        return self._strips_of(told.level).amax(dim=1)[:, None, None] > 0

    def _strips_of(self, frames: Tensor) -> Tensor:
        """Values of frames [B, N] as rows of positions, [B, strip, L]."""
        return frames.reshape(frames.shape[0], -1, self.strip).transpose(1, 2)

    def _strip_means(self, frames: Tensor, level: Tensor) -> Tensor:
        """Means over the frames of each position that are not silent, [B, L]."""
        sounding = self._strips_of((level > 0).to(frames))
        count = sounding.sum(dim=1)
        means = (self._strips_of(frames) * sounding).sum(dim=1) / count.clamp(min=1)
        return torch.where(count > 0, means, self._strips_of(frames)[:, 0])

    def _told(self, detail: Tensor) -> Told:
        z, strip = self.options.latent_size, self.strip
        level = detail[:, z : z + strip].transpose(1, 2).flatten(1)
        pitch, clarity = (self._frames_of(detail[:, row]) for row in (-2, -1))
        return Told(level, pitch, clarity)

    def _frames_of(self, positions: Tensor) -> Tensor:
        """Values of positions [B, L] for each frame, [B, L * strip]."""
        return positions.repeat_interleave(self.strip, dim=1)

    def _pooled(self, detail: Tensor) -> Tensor:
        """The one vector of one sequence [1, K, L], up to where it falls silent."""
        z = self.options.latent_size
        loud = (detail[0, z : z + self.strip].amax(dim=0) > 0).nonzero()
        length = int(loud[-1]) + 1 if len(loud) else 1
        share = detail.new_full((1, 1), length / self._positions)
        middle, width = self._rows(detail)
        rows = (detail[:, :, :length] - middle) / width
        return torch.cat([pooled(rows, self.options.cells), share], dim=1)

    def _rows(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Where the rows of a detail lie and how far they spread, so that each counts alike."""
        z, strip = self.options.latent_size, self.strip
        middle = like.new_tensor([0.0] * z + [0.6] * strip + [57.0, 0.5])
        width = like.new_tensor([1.0] * z + [0.3] * strip + [12.0, 0.5])
        return middle[:, None], width[:, None]


def _as_inputs(told: Told) -> Tensor:
    """What networks are told of each frame, about 0 to 1, [B, 3, N]."""
    return torch.stack(
        [told.level.clamp(0.0, 1.5), told.semitones / _SEMITONES, told.clarity], dim=1
    )


def _along(blocks: Iterable[nn.Module], hidden: Tensor, sounding: Tensor) -> Tensor:
    """Runs blocks that see silence as they see what lies outside of a sound: as nothing."""
    hidden = hidden * sounding
    for block in blocks:
        hidden = block(hidden) * sounding
    return hidden


def _sounding(code: Tensor) -> Tensor:
    """Which frames of a code [B, F + 3, N] are not silent, [B, N]."""
    return code.amax(dim=1) > 0


def _until(sequence: Tensor, sounding: Tensor) -> Tensor:
    """Cuts sequences [B, K, N] after the last moment that sounds in any of them, [B, N]."""
    last = sounding.any(dim=0).nonzero()
    return sequence[:, :, : int(last[-1]) + 1 if len(last) else 1]


def _lengthened(detail: Tensor, positions: int) -> Tensor:
    """Lengthens sequences [B, K, L] by silence without a pitch."""
    silent = functional.pad(detail, (0, positions - detail.shape[2]))
    silent[:, -2, detail.shape[2] :] = NO_PITCH
    return silent


def _in_strips(code: Tensor, strip: int) -> Tensor:
    """Lengthens codes [B, F, N] by silence to whole strips."""
    return functional.pad(code, (0, -code.shape[2] % strip))


def build(options: PitchedAutoencoderOptions, facts: DataFacts) -> PitchedAutoencoder:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes, and their rate.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes hold no pitch, or the excerpts no whole strips.
    """
    if facts.bins < 64 or not (facts.bins - SIDE_ROWS) % 2:
        raise RecipeError(
            f"a code of {facts.bins} rows",
            "the front end pitched, of 128 samples or more",
            "set front_end.name=pitched",
        )
    # one strip alone has no spread, which the latents are divided by
    if options.slice_frames % options.strip_frames or options.slice_frames == options.strip_frames:
        raise RecipeError(
            f"excerpts of {options.slice_frames} frames in strips of {options.strip_frames}",
            "a whole number of strips, two or more",
        )
    return PitchedAutoencoder(options, facts)
