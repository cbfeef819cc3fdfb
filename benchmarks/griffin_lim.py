"""Griffin-Lim and the way from mel to sound, beside librosa's, on real drums, in one run.

    TIMBREL_DATA=... python benchmarks/griffin_lim.py [--sounds 24] [--threads 1] [--clock cpu]

Each row is the median over repeats of the time for one sound; the ratio is librosa's time to ours
for the same work, and the spectral convergence (lower is better) stands beside it. "full" adds
inaudible magnitudes everywhere, so that no silent frame can be left out. On a machine that others
use too, ``--clock cpu --threads 1`` counts this program's own seconds only. Convergence differs by
about 0.005 from seed to seed.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import soundfile
import soxr
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel import plugins
from timbrel.signal.mel import MelBands, to_linear, to_mel
from timbrel.signal.stft import FrameSpec, magnitude

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 2
FastGriffinLim = plugins.load("signal.phase", "fast_griffin_lim")
Numbers = NDArray[np.float32]
Clock = Callable[[], float]
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
Row = tuple[str, float, float]


@dataclass(frozen=True)
class Setting:
    """One kind of spectrogram."""

    sample_rate: int
    frames: FrameSpec
    mels: int
    iterations: int

    def __str__(self) -> str:
        rate, n_fft, hop = self.sample_rate / 1000, self.frames.n_fft, self.frames.hop_samples
        return f"{rate:g} kHz, {n_fft}/{hop}, {self.mels} mels, {self.iterations} it."

    @property
    def length_samples(self) -> int:
        """The length of each sound."""
        return SECONDS * self.sample_rate


SETTINGS = [
    Setting(16_000, FrameSpec(512, 128), 128, 32),
    Setting(44_100, FrameSpec(1024, 256), 128, 32),
    Setting(44_100, FrameSpec(1024, 256), 128, 16),
    Setting(44_100, FrameSpec(2048, 512), 192, 32),
]


def read_drums(folder: Path, sample_rate: int, count: int) -> Tensor:
    """Reads drums spread over all labels, cut or padded to two seconds, [B, T]."""
    paths = sorted((folder / "drums").glob("*/*.flac"))
    length = SECONDS * sample_rate
    sounds = []
    for path in paths[:: max(1, len(paths) // count)][:count]:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples = soxr.resample(samples.mean(axis=1), rate, sample_rate)[:length]
        sounds.append(np.pad(samples, (0, length - len(samples))))
    return torch.from_numpy(np.stack(sounds).astype(np.float32))


def librosa_magnitude(sounds: Tensor, setting: Setting) -> list[Numbers]:
    """Librosa's own magnitudes, which have one frame more than ours."""
    n_fft, hop = setting.frames.n_fft, setting.frames.hop_samples
    return [
        np.abs(librosa.stft(one, n_fft=n_fft, hop_length=hop, pad_mode="constant"))
        for one in sounds.numpy()
    ]


def librosa_phase(wanted: list[Numbers], setting: Setting) -> Tensor:
    """Librosa's Griffin-Lim, one sound after the other, as it is used."""
    found = [
        librosa.griffinlim(
            one,
            n_iter=setting.iterations,
            n_fft=setting.frames.n_fft,
            hop_length=setting.frames.hop_samples,
            pad_mode="constant",
            length=setting.length_samples,
            random_state=0,
        )
        for one in wanted
    ]
    return torch.from_numpy(np.stack(found))


def our_phase(wanted: Tensor, setting: Setting, batch: int) -> Tensor:
    """Ours, in batches."""
    method = FastGriffinLim(iterations=setting.iterations)
    return torch.cat(
        [
            method.waveform(part, setting.frames, length_samples=setting.length_samples, seed=0)
            for part in torch.split(wanted, batch)
        ]
    )


def librosa_mel(mel_power: Tensor, setting: Setting) -> Tensor:
    """Librosa's non-negative least squares, one sound after the other."""
    found = [
        librosa.feature.inverse.mel_to_stft(
            one, sr=setting.sample_rate, n_fft=setting.frames.n_fft, power=2.0
        )
        for one in mel_power.numpy()
    ]
    return torch.from_numpy(np.stack(found).astype(np.float32))


def our_mel(mel_power: Tensor, bands: MelBands) -> Tensor:
    """Ours, one sound after the other."""
    return torch.cat([to_linear(one[None], bands).sqrt() for one in mel_power])


def convergence(found: Tensor, wanted: Tensor) -> float:
    """Mean spectral convergence of magnitudes."""
    wrong = (found - wanted).flatten(1).norm(dim=1)
    return float((wrong / wanted.flatten(1).norm(dim=1)).mean())


def median_ms(
    work: Callable[[], Tensor], sounds: int, repeats: int, clock: Clock
) -> tuple[float, Tensor]:
    """The median time for one sound in ms, after one run to warm up, and the result."""
    result, times = work(), []
    for _ in range(repeats):
        begin = clock()
        work()
        times.append(clock() - begin)
    return statistics.median(times) * 1000 / sounds, result


def show(rows: list[Row]) -> None:
    """Prints rows of name, time and convergence; the first is what the others are compared with."""
    for name, ms, error in rows:
        print(f"  {name:38s} {ms:9.2f} ms {rows[0][1] / ms:7.1f}x   convergence {error:.4f}")


def phase_rows(sounds: Tensor, setting: Setting, repeats: int, clock: Clock) -> list[Row]:
    """Times the phase methods."""
    wanted, theirs = magnitude(sounds, setting.frames), librosa_magnitude(sounds, setting)
    full = wanted + 1e-6 * wanted.amax(dim=(1, 2), keepdim=True)
    works: dict[str, Callable[[], Tensor]] = {
        "librosa.griffinlim": lambda: librosa_phase(theirs, setting),
        "fast_griffin_lim, one by one": lambda: our_phase(wanted, setting, 1),
        "fast_griffin_lim, batches of 16": lambda: our_phase(wanted, setting, 16),
        "fast_griffin_lim, one by one, full": lambda: our_phase(full, setting, 1),
        "fast_griffin_lim, batches of 16, full": lambda: our_phase(full, setting, 16),
    }
    rows = []
    for name, work in works.items():
        ms, found = median_ms(work, len(wanted), repeats, clock)
        rows.append((name, ms, convergence(magnitude(found, setting.frames), wanted)))
    return rows


def mel_rows(wanted: Tensor, setting: Setting, repeats: int, clock: Clock) -> list[Row]:
    """Times the ways from mel to magnitudes."""
    bands = MelBands(setting.sample_rate, setting.frames.n_fft, setting.mels)
    mel_power = to_mel(wanted.square(), bands)
    theirs_ms, theirs = median_ms(lambda: librosa_mel(mel_power, setting), len(wanted), 1, clock)
    ours_ms, ours = median_ms(lambda: our_mel(mel_power, bands), len(wanted), repeats, clock)
    return [
        ("librosa.feature.inverse.mel_to_stft", theirs_ms, convergence(theirs, wanted)),
        ("mel.to_linear", ours_ms, convergence(ours, wanted)),
    ]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    given = parser.parse_args()
    clock = CLOCKS[given.clock]
    torch.set_num_threads(given.threads)
    folder = Path(os.environ.get("TIMBREL_DATA", ROOT.parent / "shared" / "data"))
    for setting in SETTINGS:
        sounds = read_drums(folder, setting.sample_rate, given.sounds)
        print(
            f"{setting}; {len(sounds)} drums of {SECONDS} s; {given.threads} threads, {given.clock}"
        )
        show(phase_rows(sounds, setting, given.repeats, clock))
        show(mel_rows(magnitude(sounds[:6], setting.frames), setting, given.repeats, clock))


if __name__ == "__main__":
    main()
