"""Inverse autoregressive flow: the layers that bend a Gaussian posterior into any shape."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class AutoregressiveStep(nn.Module):
    """One inverse autoregressive layer: z' = σ·z + (1 - σ)·m, then the dimensions are reversed.

    For each dimension j a small network on [c, z_<j] gives m_j and s_j; σ = sigmoid(s + 1), so that
    a fresh layer nearly passes z on. The Z small networks are evaluated as one product: the
    weights on z are kept packed (only the entries below the diagonal exist) and unfolded into a
    strictly lower triangular tensor when used.

    Args:
        hidden_size: Size of the encoder's hidden vector h.
        latent_size: Z.
        units: ELU units of each small network, and the size of the context c.

    Shape:
        latent [B, Z], hidden [B, H] -> ([B, Z], [B]): the latent and the log-determinant Σ log σ.

    Source:
        Kingma et al. 2016, Improving variational inference with inverse autoregressive flow,
        algorithm 1 (the LSTM-type update); sizes as in S3 and SampleVAE.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, hidden_size: int, latent_size: int, units: int) -> None:
        super().__init__()
        self.latent_size, self.units = latent_size, units
        self.context = nn.Linear(hidden_size, units)
        rows, columns = torch.tril_indices(latent_size, latent_size, offset=-1)
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)
        fan_in = units + latent_size
        self.latent_weight = nn.Parameter(_uniform((rows.numel(), units), fan_in))
        self.context_weight = nn.Parameter(_uniform((latent_size, units, units), fan_in))
        self.hidden_bias = nn.Parameter(torch.zeros(latent_size, units))
        self.out_weight = nn.Parameter(_uniform((latent_size, 2, units), units))
        self.out_bias = nn.Parameter(torch.zeros(latent_size, 2))

    def forward(self, latent: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Bends latents, [B, Z] and [B, H] -> ([B, Z], [B])."""
        context = functional.elu(self.context(hidden))
        below = latent.new_zeros(self.latent_size, self.latent_size, self.units)
        below = below.index_put((self.rows, self.columns), self.latent_weight.to(latent.dtype))
        inner = torch.einsum("bi,jiu->bju", latent, below) + self.hidden_bias
        inner = functional.elu(inner + torch.einsum("bv,juv->bju", context, self.context_weight))
        mean, score = (torch.einsum("bju,jou->bjo", inner, self.out_weight) + self.out_bias).unbind(
            2
        )
        log_scale = functional.logsigmoid(score + 1)
        scale = log_scale.exp()
        bent = scale * latent + (1 - scale) * mean
        return bent.flip(1), log_scale.sum(1)


def _uniform(shape: tuple[int, ...], fan_in: int) -> Tensor:
    """The usual start of a linear layer: uniform within ±1/√fan_in."""
    bound = fan_in**-0.5
    return torch.empty(shape).uniform_(-bound, bound)
