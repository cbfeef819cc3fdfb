"""Networks that hear a sound slice by slice, as parts that run without Python.

They compute what `timbrel.blocks.slices` computes, without a choice that depends on the sound:
every slice goes through the network, and what is silent is silenced afterwards.
"""

import torch
from torch import Tensor

from timbrel.blocks import sequences
from timbrel.blocks.graph import Parts, Port, parts_of_details
from timbrel.blocks.slices import SliceNetwork


def parts_of(network: SliceNetwork, code: tuple[int, int]) -> Parts:
    """Says what is exported of a network of slices.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    positions = network.frames - network.slice_frames + 1
    values = int(network.embedding_size)  # type: ignore[arg-type]
    latent = Port(
        "latent", ("batch", (values + 1) * network.cells), "means of the detail over cells of time"
    )
    about = "embeddings of slices, and last how much of each is heard; details may be mixed"
    detail = Port("detail", ("batch", values + 1, positions), about)
    return parts_of_details(
        network, code, latent=latent, detail=detail, encode=_encoded, decode=_decoded, play=played
    )


def detail_of(network: SliceNetwork, code: Tensor) -> Tensor:
    """Finds details as `SliceNetwork.detail` does, [B, F, N] -> [B, K + 1, L]."""
    k, count = network.slice_frames, code.shape[2] - network.slice_frames + 1
    slices = torch.stack([code[:, :, place : place + count] for place in range(k)], dim=3)
    slices = slices.transpose(1, 2)  # [B, L, F, k]
    heard = slices.amax(dim=(2, 3)) > 0
    every = network.embedded(slices.flatten(0, 1))
    embeddings = every.reshape(-1, count, every.shape[1])
    index = last_heard(heard)[:, :, None].expand(-1, -1, embeddings.shape[2])
    held = embeddings.gather(1, index)
    return torch.cat([held, heard[:, :, None].to(held)], dim=2).transpose(1, 2)


def last_heard(heard: Tensor) -> Tensor:
    """Finds the last position that was heard, up to each.

    Args:
        heard: Which positions are heard, [B, L].

    Returns:
        Positions, [B, L]: before the first one that one, and 0 where none is.

    Example:
        >>> last_heard(torch.tensor([[False, True, False]])).tolist()
        [[1, 1, 1]]
    """
    count = heard.shape[1]
    place = torch.arange(count, device=heard.device)
    before = place[None, :] <= place[:, None]  # [L, L]: whether one is not after another
    seen = torch.where(before & heard[:, None, :], place, -1).amax(dim=2)
    first = torch.where(heard, place, count).amin(dim=1, keepdim=True) % count
    return torch.where(seen >= 0, seen, first)


def _encoded(network: SliceNetwork, code: Tensor) -> tuple[Tensor, Tensor]:
    detail = detail_of(network, code)
    pooling = sequences.pooled(torch.eye(detail.shape[2])[None], network.cells)
    matrix = pooling.view(detail.shape[2], network.cells)
    return (detail @ matrix).flatten(1), detail


def _decoded(network: SliceNetwork, latent: Tensor) -> Tensor:
    count, cells = network.frames - network.slice_frames + 1, network.cells
    # what the network does is linear: a matrix tells it all
    matrix = sequences.stretched(torch.eye(cells), cells, count)[:, 0]
    return played(network, latent.reshape(latent.shape[0], -1, cells) @ matrix)


def played(network: SliceNetwork, detail: Tensor) -> Tensor:
    """Plays details as `SliceNetwork.play` does, [B, K + 1, L] -> [B, F, N]."""
    count, k = detail.shape[2], network.slice_frames
    rows = detail.transpose(1, 2)
    heard = rows[..., -1:].clamp(0, 1)
    every = network.restored(rows[..., :-1].flatten(0, 1))
    slices = every.reshape(-1, count, *every.shape[1:]) * heard[..., None]
    covered = torch.zeros(count + k - 1)
    total = torch.zeros(1, 1, count + k - 1)
    for place in range(k):
        around = (place, k - 1 - place)
        total = total + torch.nn.functional.pad(slices[..., place].transpose(1, 2), around)
        covered = covered + torch.nn.functional.pad(torch.ones(count), around)
    return (total / covered).clamp(0, 1)
