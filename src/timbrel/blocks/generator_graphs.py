"""Generators as parts that run without Python: a latent becomes a sound, and nothing else."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from timbrel.blocks.graph import Calling, Part, Parts, Port, Step, Way, code_port


def parts_of(
    network: nn.Module,
    code: tuple[int, int],
    *,
    latent_size: int,
    decode: Callable[[Any, Tensor], Tensor],
) -> Parts:
    """Says what is exported of a generator whose latents are spread evenly between -1 and 1.

    Args:
        network: The network.
        code: (F, N) of its codes.
        latent_size: Z.
        decode: (network, latents [B, Z]) -> codes [B, F, N].

    Returns:
        Its one part; its critic stays at home.
    """
    about = "a latent, spread evenly between -1 and 1"
    latent = Port("latent", ("batch", latent_size), about, draw="signed")
    return Parts(
        parts=(Part("decoder", Calling(network, decode), (latent,), (code_port(code),)),),
        ways={"generate": Way("a new sound", (Step("decoder"),))},
    )
