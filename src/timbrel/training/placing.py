"""A network on its device, in the layout it trains fastest in; and back to plain again."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from timbrel.recipes import TrainingOptions
from timbrel.training.mover import under


def place(network: nn.Module, options: TrainingOptions, device: torch.device) -> None:
    """Readies a network for training.

    Args:
        network: The network; it is changed in place.
        options: The recipe's training settings.
        device: Where the arithmetic happens.
    """
    network.to(device)
    layout = getattr(network, "memory_format", None)
    if layout is not None:
        _arrange(network, layout)
    if options.compile:
        _compile(network)


def finish(network: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Leaves a network with the given weights, on its device, in plain layout.

    Args:
        network: The network.
        weights: Its weights and buffers by name, ``network.*``.
    """
    for module in network.modules():
        module._compiled_call_impl = None
    _arrange(network, torch.contiguous_format)
    network.load_state_dict(under(weights, "network."))
    network.zero_grad(set_to_none=True)
    network.eval()


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """Gives a network's weights and buffers, without copying.

    Args:
        network: The network.

    Returns:
        Tensors by name, ``network.*``.
    """
    return {f"network.{name}": tensor for name, tensor in network.state_dict().items()}


def buffers_of(network: nn.Module) -> dict[str, Tensor]:
    """Gives what belongs to a network but is not learned by gradients, without copying.

    Args:
        network: The network.

    Returns:
        Tensors by name, as `weights_of` names them.
    """
    learned = {f"network.{name}" for name, _ in network.named_parameters()}
    return {name: tensor for name, tensor in weights_of(network).items() if name not in learned}


def counted(network: nn.Module) -> list[Tensor]:
    """Gives what layers of a network count up of the batches that they see, without copying.

    Args:
        network: The network.

    Returns:
        The running means and variances of its batch norms.

    Example:
        >>> len(counted(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))))
        2
    """
    norms = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    running = [value for norm in norms for value in (norm.running_mean, norm.running_var)]
    return [value for value in running if value is not None]


def _compile(network: nn.Module) -> None:
    """Compiles the network's parts, not its whole: generators cannot pass through a compiler."""
    for child in network.children():
        child.compile()


def _arrange(network: nn.Module, layout: torch.memory_format) -> None:
    # Only weights of 2-D convolutions have a layout to choose.
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=layout)
