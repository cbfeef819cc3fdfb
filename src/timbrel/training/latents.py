"""Where a trained network places sounds."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from timbrel.errors import TrainingError
from timbrel.training.store import CodeStore

_MOST_BYTES = 2**28  # of codes at once
_MOST_SLICES = 1024  # at once: a network may make of each slice many times its size


@torch.no_grad()
def encode_all(
    network: nn.Module, store: CodeStore, *, batch_size: int = 64
) -> NDArray[np.float32]:
    """Encodes every sound of a store, a batch at a time; long sounds in smaller batches.

    Args:
        network: A network that offers ``encode(code [B, F, N]) -> [B, Z]``.
        store: The codes.
        batch_size: Sounds at once, at most.

    Returns:
        Latents, [M, Z], in the order of the store.

    Raises:
        TrainingError: When the network has no encoder or the store holds no sound.
    """
    encode = getattr(network, "encode", None)
    if encode is None:
        raise TrainingError(f"a {type(network).__name__}", "a network that encodes")
    if len(store) == 0:
        raise TrainingError("a store without sounds", "at least one sound")
    device = device_of(network)
    was_training = network.training
    network.eval()
    shortened = bool(getattr(network, "any_length", False))
    rows = _batches(store, batch_size, _most_frames(network, store), shortened=shortened)
    blocks = [
        encode(store.batch(some, shortened=shortened).to(device)).float().cpu() for some in rows
    ]
    network.train(was_training)
    latents: NDArray[np.float32] = torch.cat(blocks).numpy()
    return latents


def device_of(network: nn.Module) -> torch.device:
    """Says where a network lives; one without weights lives where its buffers do.

    Args:
        network: Any network.

    Returns:
        The device; the processor for a network that holds nothing.

    Example:
        >>> device_of(nn.ReLU())
        device(type='cpu')
    """
    first = next(chain(network.parameters(), network.buffers()), None)
    return torch.device("cpu") if first is None else first.device


def _most_frames(network: nn.Module, store: CodeStore) -> int:
    if getattr(network, "slice_frames", 0):
        return _MOST_SLICES
    return _MOST_BYTES // (4 * store.shape[0])


def _batches(
    store: CodeStore, batch_size: int, most_frames: int, *, shortened: bool
) -> Iterator[range]:
    """Rows one after the other, so many at once that they hold few enough frames."""
    lengths = store.lengths.tolist() if shortened else [store.shape[1]] * len(store)
    start = longest = 0
    for row, length in enumerate(lengths):
        longer = max(longest, length)
        if row > start and (row - start == batch_size or (row - start + 1) * longer > most_frames):
            yield range(start, row)
            start, longer = row, length
        longest = longer
    yield range(start, len(lengths))
