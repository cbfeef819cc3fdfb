"""Where a trained network places sounds."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from timbrel.errors import TrainingError
from timbrel.training.store import CodeStore


@torch.no_grad()
def encode_all(
    network: nn.Module, store: CodeStore, *, batch_size: int = 64
) -> NDArray[np.float32]:
    """Encodes every sound of a store, a batch at a time.

    Args:
        network: A network that offers ``encode(code [B, F, N]) -> [B, Z]``.
        store: The codes.
        batch_size: Sounds at once.

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
    device = next(network.parameters()).device
    was_training = network.training
    network.eval()
    shortened = bool(getattr(network, "any_length", False))
    rows = [
        range(start, min(start + batch_size, len(store)))
        for start in range(0, len(store), batch_size)
    ]
    blocks = [
        encode(store.batch(some, shortened=shortened).to(device)).float().cpu() for some in rows
    ]
    network.train(was_training)
    latents: NDArray[np.float32] = torch.cat(blocks).numpy()
    return latents
