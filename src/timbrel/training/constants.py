"""Tensors of a network that training does not change, kept once instead of in every copy."""

from collections.abc import Mapping

import torch
from torch import Tensor

Tensors = dict[str, Tensor]


class Constants:
    """A network's buffers as training found them.

    A buffer may be large and never change (a basis, a filter bank), or change with every step (the
    means of a batch norm). Comparing with the first value tells which, each time, at the price
    of one pass through memory; only what changed is copied and written again.

    Args:
        tensors: The buffers by name; they are copied.

    Example:
        >>> buffers = {"basis": torch.ones(3), "mean": torch.zeros(3)}
        >>> constants = Constants(buffers)
        >>> _ = buffers["mean"].add_(1)
        >>> list(constants.changed(buffers))
        ['mean']
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self.tensors: Tensors = {name: t.detach().clone() for name, t in tensors.items()}

    def _holds(self, name: str, tensor: Tensor) -> bool:
        constant = self.tensors.get(name)
        return constant is not None and (tensor is constant or torch.equal(tensor, constant))

    @torch.no_grad()
    def copied(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Copies tensors, so that later steps do not change them; constants are shared.

        Args:
            tensors: Tensors by name.

        Returns:
            The copies, in the same layout.
        """
        return {
            name: self.tensors[name] if self._holds(name, tensor) else tensor.detach().clone()
            for name, tensor in tensors.items()
        }

    def changed(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Leaves out what is as it was at the start.

        Args:
            tensors: Tensors by name.

        Returns:
            The others.
        """
        return {name: tensor for name, tensor in tensors.items() if not self._holds(name, tensor)}

    def completed(self, tensors: Mapping[str, Tensor]) -> Tensors:
        """Puts back what `changed` left out.

        Args:
            tensors: Tensors by name.

        Returns:
            These, and every constant of another name.
        """
        return {**self.tensors, **tensors}
