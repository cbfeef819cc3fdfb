"""Networks that hear a sound column by column, as parts that run without Python.

They compute what `timbrel.blocks.columns` computes, without a choice that depends on the sound.
"""

import torch
from torch import Tensor

from timbrel.blocks.columns import ColumnNetwork
from timbrel.blocks.graph import Parts, Port, parts_of_details
from timbrel.blocks.slice_graphs import last_heard


def parts_of(network: ColumnNetwork, code: tuple[int, int]) -> Parts:
    """Says what is exported of a network of columns.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    with torch.inference_mode():
        values = int(network.embedded(torch.zeros(1, code[0])).shape[1])
    about = "the mean embedding of all columns that are heard, and last the share of these"
    latent = Port("latent", ("batch", values + 1), about)
    detail = Port(
        "detail",
        ("batch", values + 1, code[1]),
        "embeddings of columns, and last whether each is heard; details may be mixed",
    )
    return parts_of_details(
        network, code, latent=latent, detail=detail, encode=_encoded, decode=_decoded, play=_played
    )


def _encoded(network: ColumnNetwork, code: Tensor) -> tuple[Tensor, Tensor]:
    columns = code.transpose(1, 2)
    heard = columns.abs().amax(dim=2) > 0
    found = network.embedded(columns.flatten(0, 1))
    every = found.reshape(-1, code.shape[2], found.shape[1])
    index = last_heard(heard)[:, :, None].expand(-1, -1, every.shape[2])
    held, share = every.gather(1, index), heard[:, :, None].to(every)
    count = share.sum(dim=1)
    mean = (held * share).sum(dim=1) / count.clamp(min=1)
    latent = torch.cat([mean, count / network.frames], dim=1)
    return latent, torch.cat([held, share], dim=2).transpose(1, 2)


def _decoded(network: ColumnNetwork, latent: Tensor) -> Tensor:
    place = torch.arange(network.frames) + 0.5
    share = (place < latent[:, -1:] * network.frames).to(latent)
    held = latent[:, :-1, None].expand(-1, -1, network.frames)
    return _played(network, torch.cat([held, share[:, None]], dim=1))


def _played(network: ColumnNetwork, detail: Tensor) -> Tensor:
    rows = detail.transpose(1, 2)
    found = network.restored(rows[..., :-1].flatten(0, 1))
    columns = found.reshape(-1, detail.shape[2], found.shape[1])
    return (columns * rows[..., -1:].clamp(0, 1)).transpose(1, 2)
