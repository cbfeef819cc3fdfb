"""A map to test on."""

import numpy as np
import pytest
from mapping_clouds import cloud, mapped

from timbrel.mapping.layout import SoundMap

LABELS = ("kick", "snare", "hihat", "tom", "clap")


@pytest.fixture
def sound_map(rng: np.random.Generator) -> SoundMap:
    latents, which = cloud(rng)
    return mapped(latents, tuple(LABELS[index] for index in which))
