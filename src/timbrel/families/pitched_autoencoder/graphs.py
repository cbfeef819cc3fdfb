"""What of `pitched_autoencoder` runs without Python: all but the pitch tracker."""

import torch
from torch import Tensor

from timbrel.blocks.graph import Parts, Port, parts_of_details
from timbrel.families.pitched_autoencoder.network import PitchedAutoencoder
from timbrel.families.pitched_autoencoder.pitch_rows import NO_PITCH, joined


def parts_of(network: PitchedAutoencoder, code: tuple[int, int]) -> Parts:
    """Says what is exported.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    values = network.options.latent_size + network.strip + 2
    about = (
        f"at each position the timbre, the levels of {network.strip} frames, the pitch as a MIDI "
        "note, and its clarity; details may be mixed, the pitch be changed"
    )
    detail = Port("detail", ("batch", values, network._positions), about)
    about = "means of the detail over cells of time, and last its length"
    latent = Port("latent", ("batch", values * network.options.cells + 1), about)
    return parts_of_details(
        network, code, latent=latent, detail=detail, encode=_encoded, decode=_decoded, play=_played
    )


def _encoded(network: PitchedAutoencoder, code: Tensor) -> tuple[Tensor, Tensor]:
    detail = _detail(network, code)
    positions, cells = detail.shape[2], network.options.cells
    z = network.options.latent_size
    length = _until(detail[:, z : z + network.strip].amax(dim=1) > 0)  # [B]
    # means over equal cells of what is heard, as `adaptive_avg_pool1d` divides it
    place, cell = torch.arange(positions)[:, None], torch.arange(cells)
    begin = torch.floor(cell * length[:, None, None] / cells)
    end = torch.ceil((cell + 1) * length[:, None, None] / cells)
    member = ((place >= begin) & (place < end)).to(detail)  # [B, L, cells]
    middle, width = network._rows(detail)
    means = ((detail - middle) / width) @ member / member.sum(dim=1, keepdim=True)
    latent = torch.cat([means.flatten(1), (length / network._positions)[:, None]], dim=1)
    return latent, detail


def _until(sounding: Tensor) -> Tensor:
    """Counts positions [B, L] up to the last one that sounds, at least 1, [B], as floats."""
    place = torch.arange(1, sounding.shape[1] + 1)
    return (sounding.to(torch.float32) * place).amax(dim=1).clamp(min=1)


def _detail(network: PitchedAutoencoder, code: Tensor) -> Tensor:
    """Details as `PitchedAutoencoder.detail` gives them, silence at their end included."""
    whole = torch.nn.functional.pad(code, (0, -code.shape[2] % network.strip))
    magnitude, told = network.facts_of(whole)
    rows = [network.timbre(magnitude, told), network._strips_of(told.level)]
    steady = [network._strip_means(one, told.level) for one in (told.semitones, told.clarity)]
    detail = torch.cat([*rows, torch.stack(steady, dim=1)], dim=1)
    heard = _until(network._strips(told)[:, 0, 0])
    inside = torch.arange(detail.shape[2]) < heard.amax(dim=0)  # of the longest of the batch
    silence = torch.zeros(detail.shape[1], 1)
    silence[-2] = NO_PITCH
    return torch.where(inside, detail, silence)


def _decoded(network: PitchedAutoencoder, latent: Tensor) -> Tensor:
    cells, positions = network.options.cells, network._positions
    length = (latent[:, -1:] * positions).round().clamp(1, positions)
    # straight lines between the cells' middles, as `interpolate` draws them
    place = ((torch.arange(positions) + 0.5) * cells / length - 0.5).clamp(0, cells - 1)
    share = (1 - (place[:, :, None] - torch.arange(cells)).abs()).clamp(min=0)  # [B, L, cells]
    middle, width = network._rows(latent)
    rows = (
        latent[:, :-1].reshape(latent.shape[0], -1, cells) @ share.transpose(1, 2) * width + middle
    )
    inside = torch.arange(positions) < length
    silence = torch.zeros(rows.shape[1], 1)
    silence[-2] = NO_PITCH
    return _played(network, torch.where(inside[:, None], rows, silence))


def _played(network: PitchedAutoencoder, detail: Tensor) -> Tensor:
    told = network._told(detail)
    painted = network.magnitudes(detail[:, : network.options.latent_size], told)
    magnitude = torch.where(told.level[:, None] > 0, painted.clamp(0, 1), 0.0)
    code = joined(magnitude, told.semitones, told.clarity)
    whole = torch.nn.functional.pad(code, (0, network.frames))
    return whole[:, :, : network.frames]


GRAPHS = parts_of
