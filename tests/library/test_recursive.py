"""The filters without the rest of scipy.signal: the same numbers, and really without it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from library_sounds import strike, write
from pyloudnorm import IIRfilter
from scipy.signal import butter, sosfilt

from timbrel.library import _recursive
from timbrel.library.loudness import _k_weighting


@pytest.mark.parametrize("whole", [False, True])
def test_a_piece_follows_the_piece_before_as_in_scipy(
    whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if whole:  # of a scipy that keeps its loop elsewhere
        monkeypatch.setattr(_recursive, "_loop", lambda: _recursive._by_all_of_scipy)
    samples = np.random.default_rng(0).standard_normal((2, 1000))
    sections = butter(5, 0.2, output="sos")
    state = np.zeros((2, len(sections), 2))
    pieces = []
    for piece in np.split(samples, [1, 400], axis=1):
        heard, state = _recursive.filtered(sections, piece, state)
        pieces.append(heard)
    assert np.array_equal(np.hstack(pieces), sosfilt(sections, samples))


def test_reading_sounds_and_searching_import_neither_scipy_signal_nor_torch(tmp_path: Path) -> None:
    """Each reading process of a scan starts with this import."""
    sound = write(tmp_path / "kick.wav", strike(0))
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "import timbrel.tasks.search\n"
        "from timbrel.library.analysis import analyse\n"
        f"assert analyse(Path({str(sound)!r})).loudness_lufs > -70\n"
        "print([name for name in ('scipy.signal', 'scipy.stats', 'torch') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 192_000])
def test_the_filters_are_those_of_pyloudnorm(rate: int) -> None:
    shelf = IIRfilter(
        3.99984385397, 0.7071752369554193, 1681.9744509555319, rate, "high_shelf_DeMan"
    )
    low_cut = IIRfilter(0.0, 0.5003270373253953, 38.13547087613982, rate, "high_pass_DeMan")
    wanted = [[*shelf.b, *shelf.a], [*low_cut.b, *low_cut.a]]
    np.testing.assert_allclose(_k_weighting(rate), wanted, rtol=1e-12)
