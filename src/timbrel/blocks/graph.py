"""How a family says which parts of its networks can run without Python, and in which order.

A family that can be exported has a file ``graphs.py`` in its folder, which declares ``GRAPHS``: a
function that takes a network of the family and gives a `Parts`. A family without one says there
why, as ``REASON``. Whatever is called ``code`` is joined with the front end by the exporter: a part
that takes a code becomes a graph that takes a sound, a part that gives one gives a sound.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor, nn

Draw = Literal["", "normal", "uniform", "signed"]


@dataclass(frozen=True)
class Port:
    """What enters or leaves a part: a tensor of float32.

    Attributes:
        name: What it is called; parts that follow each other find it by this name.
        dims: Its dimensions; a word stands for any length, ``batch`` for the sounds of a batch.
        about: What it is, with its unit, for people.
        draw: What a host draws where it has nothing to feed: "normal" numbers of spread 1,
            "uniform" ones within 0..1, "signed" ones within -1..1.
        fill: What a host feeds throughout where it has nothing else.
    """

    name: str
    dims: tuple[str | int, ...]
    about: str
    draw: Draw = ""
    fill: float | None = None


@dataclass(frozen=True)
class Part:
    """A part of a network.

    Attributes:
        name: What its graph will be called.
        module: Takes the inputs in order, gives the outputs in order.
        inputs: What enters; a dimension's word has the same length wherever it stands.
        outputs: What leaves; ``next_x`` is what the next run takes as ``x``.
    """

    name: str
    module: nn.Module
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


@dataclass(frozen=True)
class Step:
    """A graph that is run once, or once for each of some times.

    Attributes:
        graph: Its name.
        feed: Inputs that are told by number, the same throughout.
        times: What its input ``time`` is, run after run; what a run gives the next one takes.
    """

    graph: str
    feed: Mapping[str, float] = field(default_factory=dict)
    times: tuple[float, ...] = ()


@dataclass(frozen=True)
class Way:
    """A way to play: graphs in their order.

    Attributes:
        about: What it does, for people.
        steps: The graphs.
    """

    about: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Parts:
    """All that is exported of a network.

    Attributes:
        parts: Its parts.
        ways: Ways to play by name: "reconstruct" begins with a sound, "generate" with a latent.
        sizes: Lengths of dimensions that are words, but for ``batch``: what a host takes.
        notes: What differs from the instrument, for people; one sentence each.
    """

    parts: tuple[Part, ...]
    ways: Mapping[str, Way]
    sizes: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Calling(nn.Module):
    """A part of a network that is one of its methods.

    Args:
        network: The network.
        call: (network, inputs) -> outputs.

    Example:
        >>> import torch
        >>> Calling(nn.Identity(), lambda network, x: 2 * network(x))(torch.ones(2))
        tensor([2., 2.])
    """

    def __init__(self, network: nn.Module, call: Callable[..., Any]) -> None:
        super().__init__()
        self.network, self._call = network, call

    def forward(self, *inputs: Tensor) -> Any:
        """Calls it."""
        return self._call(self.network, *inputs)


def code_port(shape: tuple[int, int]) -> Port:
    """The port of codes that a part takes or gives; the exporter puts a sound in its place.

    Args:
        shape: (F, N) of a code.

    Returns:
        The port.
    """
    return Port("code", ("batch", *shape), "a code of the front end")


def parts_of_details(
    network: nn.Module,
    code: tuple[int, int],
    *,
    latent: Port,
    detail: Port,
    encode: Callable[[Any, Tensor], tuple[Tensor, Tensor]],
    decode: Callable[[Any, Tensor], Tensor],
    play: Callable[[Any, Tensor], Tensor],
) -> Parts:
    """Says what is exported of a network whose sounds have a latent, and a detail to be played.

    Args:
        network: The network.
        code: (F, N) of its codes.
        latent: What a latent is.
        detail: What a detail is.
        encode: (network, codes [B, F, N]) -> latents and details.
        decode: (network, latents) -> codes.
        play: (network, details) -> codes.

    Returns:
        Its parts.
    """
    sounding = code_port(code)
    return Parts(
        parts=(
            Part("encoder", Calling(network, encode), (sounding,), (latent, detail)),
            Part("decoder", Calling(network, decode), (latent,), (sounding,)),
            Part("player", Calling(network, play), (detail,), (sounding,)),
        ),
        ways={
            "reconstruct": Way(
                "a sound through its detail and back", (Step("encoder"), Step("player"))
            ),
            "generate": Way("the sound of a latent", (Step("decoder"),)),
        },
    )


def spread_port(shape: tuple[int, int]) -> Port:
    """The port of how rough each cell of a code is; the exporter draws the grain there.

    Args:
        shape: (F, N) of a code.

    Returns:
        The port.
    """
    return Port("spread", ("batch", *shape), "mean absolute deviation of each cell of the code")
