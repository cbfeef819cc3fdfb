"""What of `sample_vae` runs without Python: the encoder and the decoder, whole."""

from copy import deepcopy

from torch import Tensor

from timbrel.blocks.graph import Calling, Part, Parts, Port, Step, Way, code_port, spread_port
from timbrel.families.sample_vae.network import SampleVae, StripsVae
from timbrel.families.sample_vae.strips import Basis


class WideBasis(Basis):
    """Principal components multiplied in float32, and rounded where the instrument rounds.

    Few runtimes multiply in bfloat16, and a search for phases makes more of what is rounded
    otherwise: without it, sounds would differ by 1.2 dB.

    Args:
        basis: The basis whose components it takes.
    """

    def __init__(self, basis: Basis) -> None:
        super().__init__(len(basis.scales), *basis.shape)
        self.components = basis.components.float()
        self.scales, self.mean = basis.scales, basis.mean

    def coordinates(self, code: Tensor) -> Tensor:
        """See `Basis.coordinates`."""
        flat = (code.flatten(1) - self.mean).bfloat16().float()
        return (flat @ self.components.t()).bfloat16().float() / self.scales

    def code(self, coordinates: Tensor) -> Tensor:
        """See `Basis.code`."""
        flat = (coordinates * self.scales).bfloat16().float() @ self.components
        return (flat.bfloat16().float() + self.mean).view(-1, *self.shape)


def parts_of(network: SampleVae, code: tuple[int, int]) -> Parts:
    """Says what is exported.

    Args:
        network: A trained network, which is left alone.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    strips = isinstance(network, StripsVae)
    if isinstance(network, StripsVae):
        network = deepcopy(network)
        network.basis = WideBasis(network.basis)
    latent = Port("latent", ("batch", network.latent_size), "a latent", draw="normal")
    made = (code_port(code), spread_port(code)) if strips else (code_port(code),)
    return Parts(
        parts=(
            Part("encoder", Calling(network, _encoded), (code_port(code),), (latent,)),
            Part("decoder", Calling(network, _played), (latent,), made),
        ),
        ways={
            "reconstruct": Way(
                "a sound through the latent and back",
                (Step("encoder"), Step("decoder", {"grain": 0.0} if strips else {})),
            ),
            "generate": Way("a new sound", (Step("decoder"),)),
        },
        notes=("principal components are multiplied in float32, and rounded to bfloat16",) * strips,
    )


def _encoded(network: SampleVae, code: Tensor) -> Tensor:
    return network.encode(code)  # each shape's own


def _played(network: SampleVae, latent: Tensor) -> tuple[Tensor, ...]:
    code, spread = network.decode_with_spread(latent)
    return (code,) if spread is None else (code, spread)


GRAPHS = parts_of
