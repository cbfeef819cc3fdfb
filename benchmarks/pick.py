"""From a point of the map to samples: ours against UMAP's own inverse and librosa.

    python benchmarks/pick.py                                       # the demo's, after make demo
    python benchmarks/pick.py timbrel-workspace/instruments/drums

Both sides run in this process, warm, on the same latents, the same UMAP and the same decoder:

- ours: `latent_at`, then `Instrument.decode` with its grain and the instrument's own phase method,
  as `timbrel pick` does;
- theirs: `UMAP.inverse_transform`, the same network, then librosa's mel inversion (NNLS and 32
  iterations of Griffin-Lim). An instrument of magnitudes has no mel bands to invert: its
  magnitudes are folded into 128 bands first, and that is not timed. A second line leaves the mel
  inversion out and gives librosa's Griffin-Lim the magnitudes, the cheaper way.

A tenth of the sounds is held out of both tables, placed on the map by UMAP's `transform`, and
looked up again; the mean squared errors of their latents stand beside the times.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from timbrel.instruments.folder import open_instrument
from timbrel.instruments.instrument import Instrument
from timbrel.mapping.inverse import latent_at
from timbrel.mapping.layout import SoundMap, normalise
from timbrel.mapping.projections import umap as projection
from timbrel.synthesis.renders import GRAIN

MEL_BANDS = 128
ITERATIONS = 32
DEMO = Path("timbrel-demo/workspace/instruments/demo")


def main() -> None:
    """Measures and prints one table."""
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    instrument = open_instrument(arguments.instrument)
    latents = instrument.cloud.latents.numpy()[: arguments.sounds]
    held = np.random.default_rng(arguments.seed).permutation(len(latents))[: len(latents) // 10]
    kept = np.setdiff1d(np.arange(len(latents)), held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = _fitted(latents[kept], arguments.seed)
        raw = model.transform(latents[held])
        sound_map = _map_of(model.embedding_, raw, latents[kept])
        points = normalise(np.concatenate([model.embedding_, raw]))[len(kept) :]
        _errors(model, raw, sound_map, points, latents[held])
        _times(instrument, model, raw, sound_map, points, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times a pick against UMAP's inverse and librosa.")
    parser.add_argument(
        "instrument", type=Path, nargs="?", default=DEMO, help=f"an instrument folder, else {DEMO}"
    )
    parser.add_argument("--sounds", type=int, default=10_000, help="sounds of its cloud at most")
    parser.add_argument("--ours", type=int, default=40, help="points timed on our side")
    parser.add_argument("--theirs", type=int, default=5, help="points timed on the other side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if not arguments.instrument.is_dir():
        parser.error(f"there is no instrument {arguments.instrument}: name one, or make demo first")
    return arguments


def _fitted(latents: np.ndarray, seed: int) -> Any:
    """UMAP with the settings of our projection."""
    from umap import UMAP

    return UMAP(
        n_neighbors=min(projection.NEIGHBOURS, len(latents) - 1),
        min_dist=projection.MIN_DISTANCE,
        random_state=seed,
        n_jobs=1,
    ).fit(latents)


def _map_of(embedding: np.ndarray, raw: np.ndarray, latents: np.ndarray) -> SoundMap:
    positions = normalise(np.concatenate([embedding, raw]))[: len(latents)]
    texts = ("",) * len(latents)
    return SoundMap(positions, latents, texts, texts, texts, "umap", 0, "benchmark", len(latents))


def _errors(
    model: Any, raw: np.ndarray, sound_map: SoundMap, points: np.ndarray, truth: np.ndarray
) -> None:
    ours = np.square(latent_at(sound_map, points) - truth).mean()
    theirs = np.square(model.inverse_transform(raw) - truth).mean()
    spread = np.square(truth - truth.mean(axis=0)).mean()
    print(f"sounds in the table {len(sound_map)}, held out {len(truth)}, Z {truth.shape[1]}")
    print("mean squared error of held-out latents (variance of them: 1)")
    print(f"  ours {ours / spread:.3f}   UMAP's inverse {theirs / spread:.3f}\n")


def _times(
    instrument: Instrument,
    model: Any,
    raw: np.ndarray,
    sound_map: SoundMap,
    points: np.ndarray,
    arguments: argparse.Namespace,
) -> None:
    def ours(index: int) -> float:
        return _seconds(lambda: _our_pick(instrument, sound_map, points[index : index + 1]))

    def theirs(index: int) -> tuple[float, float, float]:
        return _their_pick(instrument, model, raw[index : index + 1])

    ours(0), theirs(0)  # warm
    seconds: list[float] = []
    their_seconds: list[tuple[float, float, float]] = []
    turns = np.array_split(np.arange(arguments.ours), arguments.theirs)
    for turn, numbers in enumerate(turns):  # in turns, so that both meet the machine's other work
        seconds += [ours(number % len(points)) for number in numbers.tolist()]
        their_seconds.append(theirs(turn % len(points)))
    ours_s = np.median(seconds)
    inverse_s, mel_s, linear_s = np.median(their_seconds, axis=0)
    lookup_s = np.median([_seconds(lambda: latent_at(sound_map, points[:1])) for _ in range(200)])
    print(f"a pick, median, {arguments.threads} threads   seconds   ratio")
    rows = {
        "ours": ours_s,
        "  of which the way back": lookup_s,
        **_parts(instrument, sound_map, points, arguments.ours),
        "UMAP's inverse, network, librosa mel inversion": inverse_s + mel_s,
        "UMAP's inverse, network, librosa Griffin-Lim": inverse_s + linear_s,
        "  of which UMAP's inverse": inverse_s,
    }
    for name, seconds in rows.items():
        print(f"{name:<48} {seconds:9.5f} {seconds / ours_s:7.1f}")


def _parts(
    instrument: Instrument, sound_map: SoundMap, points: np.ndarray, count: int
) -> dict[str, float]:
    """Medians of what a pick is made of: network, network with grain, network and phase."""
    latent = torch.from_numpy(latent_at(sound_map, points[:1]))

    def median(work: Callable[[], object]) -> float:
        return float(np.median([_seconds(work) for _ in range(count)]))

    with torch.inference_mode():
        network_s = median(lambda: instrument.network.decode(latent))  # type: ignore[operator]
    smooth_s = median(lambda: instrument.decode(latent))
    whole_s = median(lambda: instrument.decode(latent, grain=GRAIN))
    return {
        "  of which the network": network_s,
        "  of which the phase": smooth_s - network_s,
        "  of which the grain": whole_s - smooth_s,
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _our_pick(instrument: Instrument, sound_map: SoundMap, point: np.ndarray) -> torch.Tensor:
    return instrument.decode(torch.from_numpy(latent_at(sound_map, point)), grain=GRAIN)


def _their_pick(
    instrument: Instrument, model: Any, point: np.ndarray
) -> tuple[float, float, float]:
    """Seconds of UMAP's inverse; of the network and mel inversion; of it and Griffin-Lim."""
    import librosa

    start = time.perf_counter()
    latent = torch.from_numpy(model.inverse_transform(point).astype(np.float32))
    inverse_s = time.perf_counter() - start
    start = time.perf_counter()
    with torch.inference_mode():
        code = instrument.network.decode(latent)[0].float().numpy()  # type: ignore[operator]
    network_s = time.perf_counter() - start
    front_end: Any = instrument.recipe.front_end
    decibels = (np.clip(code, 0, 1) - 1) * front_end.range_db
    frames = {"n_fft": front_end.n_fft, "hop_length": front_end.hop_samples}
    rate = instrument.sample_rate
    mel, magnitude = _mel_and_magnitude(front_end, decibels, rate)
    mel_s = _seconds(
        lambda: librosa.feature.inverse.mel_to_audio(mel, sr=rate, n_iter=ITERATIONS, **frames)
    )
    linear_s = _seconds(lambda: librosa.griffinlim(magnitude, n_iter=ITERATIONS, **frames))
    return inverse_s, network_s + mel_s, network_s + linear_s


def _mel_and_magnitude(
    front_end: Any, decibels: np.ndarray, sample_rate: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mel power and linear magnitude of one sound, whichever of them the front end has."""
    import librosa

    power = np.power(10.0, decibels / 10)
    bands = getattr(front_end, "mels", MEL_BANDS)
    matrix = librosa.filters.mel(sr=sample_rate, n_fft=front_end.n_fft, n_mels=bands)
    if front_end.name == "log_mel":
        return power, np.sqrt(np.maximum(np.linalg.pinv(matrix) @ power, 0))
    return matrix @ power, np.sqrt(power)


if __name__ == "__main__":
    main()
