"""Fixtures that every room's tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from fixtures_instrument import linear_family, tiny_instrument
from fixtures_readers import readers_of_their_own, readers_outlast_scans
from timbrel.tasks import phase_trials

__all__ = ["linear_family", "readers_of_their_own", "readers_outlast_scans", "tiny_instrument"]

# A timing never decides a test, and a crowded machine is no fault of the code.
settings.register_profile(
    "timbrel", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("timbrel")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real sounds, or a loud skip."""
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"NO REAL SOUNDS: {folder} is missing; set TIMBREL_DATA to test on them")
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_sound_tries_the_phase_methods() -> Iterator[None]:
    """Every training ends with that trial; test_measured_phases.py has it on all sounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phase_trials, "MOST_SOUNDS", 1)
        yield


@pytest.fixture(autouse=True)
def threads_and_environment_stay_as_they_were() -> Iterator[None]:
    """The command line sets both for its process, which here is that of all tests."""
    threads, environment = torch.get_num_threads(), dict(os.environ)
    yield
    torch.set_num_threads(threads)
    os.environ.clear()
    os.environ.update(environment)


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded source of randomness."""
    return np.random.default_rng(20)


@pytest.fixture
def torch_rng() -> torch.Generator:
    """A seeded source of randomness for tensors."""
    return torch.Generator().manual_seed(20)
