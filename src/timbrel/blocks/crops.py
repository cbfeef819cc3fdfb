"""Random crops of sounds, for networks that learn from short pieces."""

import torch
from torch import Tensor
from torch.nn.functional import pad

AUDIBLE = 1e-3  # of a sound's peak: where its quieter parts end


def random_crops(
    sound: Tensor, length_samples: int, *, lead_samples: int, generator: torch.Generator
) -> Tensor:
    """Cuts one piece out of each sound, from where there is something to hear.

    A place is drawn among the blocks of the sound that are louder than -60 dB of its peak, so that
    a short drum in a long silence is met as often as a note that sounds to the end.

    Args:
        sound: Waveforms, [B, T].
        length_samples: Length of a piece; shorter sounds are padded with silence.
        lead_samples: Silence that may precede the beginning of a sound.
        generator: Where the places come from; on the sound's device.

    Returns:
        The pieces, [B, length_samples].

    Example:
        >>> tone = torch.ones(2, 1000)
        >>> places = torch.Generator().manual_seed(0)
        >>> random_crops(tone, 100, lead_samples=10, generator=places).shape
        torch.Size([2, 100])
    """
    short = max(0, length_samples - sound.shape[1] - lead_samples)
    padded = pad(sound, (lead_samples, short))
    last = padded.shape[1] - length_samples
    block = max(1, length_samples // 8)
    level = pad(padded.abs(), (0, -padded.shape[1] % block)).unfold(-1, block, block).amax(dim=2)
    weight = (level > AUDIBLE * level.amax(dim=1, keepdim=True)).float() + 1e-6
    centre = torch.multinomial(weight, 1, generator=generator)[:, 0] * block
    within = torch.rand(len(sound), generator=generator, device=sound.device) * length_samples
    start = (centre + block // 2 - within.long()).clamp(0, last)
    places = start[:, None] + torch.arange(length_samples, device=sound.device)
    return padded.gather(1, places)
