"""Losses of reconstruction: how far what came back is from what went in."""

from torch import Tensor

from timbrel.errors import UsageError


def mean_squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Computes the mean of squared differences over all values; lower is better.

    In float32, whatever the prediction was computed in: half precision would lose the small ones.

    Args:
        prediction: What came back, any shape and unit.
        target: What went in, the same shape and unit.

    Returns:
        The mean, a scalar in the unit squared.

    Raises:
        UsageError: When the shapes differ; nothing is stretched to fit.

    Source:
        Metsälä 2024 (S0), section "Loss function"; Langer 2023 (S4).

    Example:
        >>> import torch
        >>> float(mean_squared_error(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0])))
        4.5
    """
    return _difference(prediction, target).square().mean()


def mean_absolute_error(prediction: Tensor, target: Tensor) -> Tensor:
    """Computes the mean of absolute differences over all values; lower is better.

    Args:
        prediction: What came back, any shape and unit.
        target: What went in, the same shape and unit.

    Returns:
        The mean, a scalar in their unit.

    Raises:
        UsageError: When the shapes differ.

    Source:
        Metsälä 2024 (S0), dependent variables.

    Example:
        >>> import torch
        >>> float(mean_absolute_error(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0])))
        1.5
    """
    return _difference(prediction, target).abs().mean()


def signal_to_noise_db(prediction: Tensor, target: Tensor) -> Tensor:
    """Computes how much stronger items are than their errors, on average; higher is better.

    Args:
        prediction: What came back, [B, ...].
        target: What went in, the same shape; items without energy are left out.

    Returns:
        The mean in dB, a scalar; 0 where no item has energy.

    Raises:
        UsageError: When the shapes differ.

    Source:
        Metsälä 2024 (S0), dependent variables.

    Example:
        >>> import torch
        >>> target = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
        >>> round(float(signal_to_noise_db(0.9 * target, target)), 3)
        20.0
    """
    energy = target.float().square().flatten(1).sum(1)
    noise = _difference(prediction, target).square().flatten(1).sum(1)
    heard = energy > 0
    if not bool(heard.any()):
        return energy.new_zeros(())
    return 10 * (energy[heard] / noise[heard].clamp(min=1e-30)).log10().mean()


def _difference(prediction: Tensor, target: Tensor) -> Tensor:
    if prediction.shape != target.shape:
        raise UsageError(
            f"a prediction of shape {tuple(prediction.shape)}",
            f"the shape of the target, {tuple(target.shape)}",
        )
    return prediction.float() - target.float()
