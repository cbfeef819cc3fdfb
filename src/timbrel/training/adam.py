"""Adam without the rest of torch's optimisers, whose first use imports torch's whole compiler.

The arithmetic is torch's own fused kernel, so that each step is to the bit that of
`torch.optim.Adam` (or `AdamW`) with ``fused=True``; the compiler would cost every training some
seconds at its start, and is for nothing here.
"""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

_EPSILON = 1e-8
_MOMENTS = ("exp_avg", "exp_avg_sq")


class Adam:
    """Moves weights by Adam.

    Args:
        parameters: The weights, of one device.
        betas: Decay of the mean of gradients and of their squares, each 0 up to 1.
        weight_decay: How strongly weights are drawn to 0 at a step, 0 or more.
        decoupled: Whether that pull is apart from the gradients, as in AdamW.

    Source:
        Kingma and Ba, "Adam" (2015); Loshchilov and Hutter, "Decoupled weight decay" (2019).

    Example:
        >>> weight = nn.Parameter(torch.ones(2))
        >>> weight.grad = torch.tensor([1.0, -1.0])
        >>> Adam([weight]).step(0.1)
        >>> [round(value, 4) for value in weight.tolist()]
        [0.9, 1.1]
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        self.parameters: list[Tensor] = list(parameters)
        self.state: dict[Tensor, dict[str, Tensor]] = {}
        self._betas, self._weight_decay = betas, weight_decay
        self._kernel = torch._fused_adamw_ if decoupled else torch._fused_adam_

    def forget_gradients(self) -> None:
        """Lets go of all gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Moves the weights that have a gradient down it.

        Args:
            rate: The learning rate, 0 or more.
        """
        for moved in _of_one_type([one for one in self.parameters if one.grad is not None]):
            states = [self._moments_of(parameter) for parameter in moved]
            steps = [state["step"] for state in states]
            torch._foreach_add_(steps, 1)
            means, squares = ([state[name] for state in states] for name in _MOMENTS)
            gradients = [one.grad for one in moved if one.grad is not None]
            self._kernel(
                moved, gradients, means, squares, [], steps,
                lr=rate, beta1=self._betas[0], beta2=self._betas[1],
                weight_decay=self._weight_decay, eps=_EPSILON, amsgrad=False, maximize=False,
            )  # fmt: skip

    def _moments_of(self, parameter: Tensor) -> dict[str, Tensor]:
        if parameter not in self.state:
            steps = torch.zeros((), dtype=torch.float32, device=parameter.device)
            like = {name: torch.zeros_like(parameter) for name in _MOMENTS}
            self.state[parameter] = {"step": steps, **like}
        return self.state[parameter]


def _of_one_type(parameters: Sequence[Tensor]) -> list[list[Tensor]]:
    """The kernel takes weights of one number type and device at a time."""
    kinds = dict.fromkeys((one.dtype, one.device) for one in parameters)
    return [[one for one in parameters if (one.dtype, one.device) == kind] for kind in kinds]
