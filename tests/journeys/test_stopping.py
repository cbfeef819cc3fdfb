"""Ctrl-C in the middle of a training, as a person presses it, and going on after it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from fixtures_command import Command


def _make_sounds(folder: Path, rng: np.random.Generator) -> None:
    folder.mkdir()
    fall = np.exp(-np.arange(8000) / 2000)
    for number in range(24):
        tone = 0.7 * fall * np.sin(np.arange(8000) * rng.uniform(0.05, 0.8))
        soundfile.write(folder / f"{number}.wav", tone, 16_000)


def test_ctrl_c_keeps_the_instrument_and_resume_goes_on(
    timbrel: Command, tmp_path: Path, rng: np.random.Generator
) -> None:
    _make_sounds(tmp_path / "tones", rng)
    assert timbrel("scan", "tones").status == 0
    words = ["--json", "train", "sample-vae-tiny", "--name", "tones", "--minutes", "20"]
    process = subprocess.Popen(
        [sys.executable, "-m", "timbrel", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("training"):
            process.send_signal(signal.SIGINT)
            break
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, err
    assert '"stopped_because": "interrupted"' in out
    assert "timbrel train --resume --name 'tones'" in err
    assert "Traceback" not in err

    before = timbrel("--json", "instruments", "tones").document["training"]["steps"]
    words = ["train", "--resume", "--name", "tones", "--steps", str(before + 3)]
    other = timbrel("--seed", 9, *words)
    assert (other.status, "a training of seed 0" in other.err) == (2, True)
    went_on = timbrel("--json", *words)
    assert went_on.status == 0, went_on.err
    assert went_on.document["steps"] == before + 3
    assert timbrel("--json", "generate", "tones", "--count", 1, "--out", "new").status == 0
