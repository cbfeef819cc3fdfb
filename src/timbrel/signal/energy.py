"""Energy of spectral codes: how much of it each frame has, and giving frames another.

A code is within 0..1 over a range of dB below its sound's maximum, as the spectral front ends
make it. Energies are relative to that maximum: a frame with one cell at 1 has the energy 1.
"""

import torch
from torch import Tensor

MOST_GAIN_DB = 40.0  # beyond it a frame holds nothing that is worth raising


def frame_energy(code: Tensor, *, range_db: float, gate_db: float) -> Tensor:
    """Sums the power of each frame.

    Args:
        code: Codes of magnitudes, [B, F, N].
        range_db: How far below the maximum they reach, in dB.
        gate_db: Cells up to this far above the floor are silent, in dB.

    Returns:
        The energies, relative to the square of the maximum, [B, N].

    Example:
        >>> frame_energy(torch.tensor([[[1.0, 0.75], [1.0, 0.0]]]), range_db=80.0, gate_db=1.0)
        tensor([[2.0000, 0.0100]])
    """
    power = torch.pow(10.0, (code.float().clamp(0, 1) - 1) * (range_db / 10))
    return torch.where(code * range_db > gate_db, power, 0.0).sum(dim=1)


def with_energy(
    code: Tensor, energy: Tensor, *, range_db: float, gate_db: float
) -> tuple[Tensor, Tensor]:
    """Scales each frame so that its energy is the one wanted.

    Silent cells stay silent, and no frame is raised by more than 40 dB. Where a frame becomes
    louder than a code can say, the whole code is lowered and its sound must be raised.

    Args:
        code: Codes of magnitudes, [B, F, N].
        energy: The energies wanted, as `frame_energy` gives them, [B, N]; 0 makes a frame silent.
        range_db: How far below the maximum the codes reach, in dB.
        gate_db: Cells up to this far above the floor are silent, in dB.

    Returns:
        The codes within 0..1, [B, F, N]; and by how many dB each sound's maximum has grown, [B].

    Source:
        Langer 2023, section 4.5.2: the sums of each frequency vector of input and output are
        compared, and the output's vector is multiplied by their ratio. It sums magnitudes, which
        it calls energy; here it is their squares.

    Example:
        >>> code = torch.tensor([[[0.5, 0.75]]])
        >>> with_energy(code, torch.tensor([[0.01, 0.01]]), range_db=80.0, gate_db=1.0)
        (tensor([[[0.7500, 0.7500]]]), tensor([0.]))
    """
    found = frame_energy(code, range_db=range_db, gate_db=gate_db)
    known = (found > 0) & (energy > 0)
    ratio = torch.where(known, energy / torch.where(known, found, 1.0), 1.0)
    gain_db = (10 * ratio.log10()).clamp(max=MOST_GAIN_DB)
    sounding = (code * range_db > gate_db) & (energy > 0)[:, None]
    scaled = torch.where(sounding, code + gain_db[:, None] / range_db, 0.0)
    grown = (scaled.amax(dim=(1, 2)) - 1).clamp(min=0)
    lowered = torch.where(sounding, scaled - grown[:, None, None], 0.0)
    return lowered.clamp(0, 1), grown * range_db
