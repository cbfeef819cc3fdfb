"""Plays an instrument that timbrel exported to ONNX; needs numpy and onnxruntime, nothing else.

    python play.py generate new.wav --seed 7
    python play.py reconstruct old.wav new.wav

All that it does stands in model.json: which graphs there are, what each takes and gives, and in
which order they are run. A host in any other language does the same.
"""

import argparse
import json
import sys
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[np.float32]
NEIGHBOURS, NOISE = 4, 0.1


class Player:
    """An exported instrument.

    Args:
        folder: The folder that holds model.json.
        threads: Processor threads; 0 lets onnxruntime choose.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.model: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self._sessions = {
            name: onnxruntime.InferenceSession(
                folder / graph["file"], options, providers=["CPUExecutionProvider"]
            )
            for name, graph in self.model["graphs"].items()
        }
        cloud = self.model["cloud"]
        self._cloud = np.load(folder / cloud["file"], allow_pickle=False) if cloud else None

    def play(
        self,
        way: str,
        given: Mapping[str, Array],
        rng: np.random.Generator,
    ) -> dict[str, Array]:
        """Runs the graphs of a way in their order.

        Args:
            way: A name from model.json's "ways".
            given: Tensors that are there already, such as "sound", by name.
            rng: Where all that is drawn comes from.

        Returns:
            All tensors by name: those given, those drawn, those that graphs gave.
        """
        values: dict[str, Array] = dict(given)
        sizes = dict(self.model["sizes"])
        sizes["batch"] = len(next(iter(values.values()))) if values else 1
        for step in self.model["ways"][way]["steps"]:
            for time in step["times"] or [None]:
                self._run(step, time, values, sizes, rng)
        return values

    def _run(
        self,
        step: dict[str, Any],
        time: float | None,
        values: dict[str, Array],
        sizes: dict[str, int],
        rng: np.random.Generator,
    ) -> None:
        graph = self.model["graphs"][step["graph"]]
        told = {**step["feed"], **({} if time is None else {"time": time})}
        feed: dict[str, Array] = {}
        for port in graph["inputs"]:
            name = port["name"]
            if name in values and name not in told:
                feed[name] = values[name]
                continue
            shape = [sizes.get(dim, 1) if isinstance(dim, str) else dim for dim in port["dims"]]
            if name in told:
                feed[name] = np.full(shape, told[name], np.float32)
            else:
                feed[name] = values[name] = self.drawn(port, shape, rng)
        session = self._sessions[step["graph"]]
        names = [output.name for output in session.get_outputs()]
        found = dict(zip(names, session.run(None, feed), strict=True))
        for name in found.keys() & sizes.keys():  # a graph may tell how long tensors shall be
            sizes[name] = int(found[name].ravel()[0])
        for port in graph["outputs"]:
            value = found[port["name"]]
            for axis, dim in enumerate(port["dims"]):
                if dim in sizes and dim != "batch":
                    value = value[(slice(None),) * axis + (slice(sizes[dim]),)]
            name = port["name"].removeprefix("next_")  # what the next run takes
            values[name] = np.ascontiguousarray(value)

    def drawn(self, port: dict[str, Any], shape: list[int], rng: np.random.Generator) -> Array:
        """Makes what an input takes where nothing is there for it."""
        if port["name"] == "latent" and self._cloud is not None:
            return np.stack([self._in_cloud(rng) for _ in range(shape[0])])
        if port["fill"] is not None:
            return np.full(shape, port["fill"], np.float32)
        if port["draw"] == "normal":
            return rng.standard_normal(shape, np.float32)
        if port["draw"] in ("uniform", "signed"):
            even = rng.random(shape, np.float32)
            return even if port["draw"] == "uniform" else 2 * even - 1
        raise ValueError(f"this way needs {port['name']}: {port['about']}")

    def _in_cloud(self, rng: np.random.Generator) -> Array:
        """A latent between close neighbours of one label among the sounds learned from."""
        cloud: Any = self._cloud
        latents, labels = cloud["latents"], cloud["labels"]
        first = int(rng.choice(len(latents)))
        same = np.flatnonzero(labels == labels[first])
        distances = np.linalg.norm(latents[same] - latents[first], axis=1)
        near = np.argsort(distances)[:NEIGHBOURS]
        family, reach = latents[same][near], 0.4 * max(float(np.median(distances)), 1e-9)
        weights = rng.standard_exponential(len(near)) * np.exp(
            -((distances[near] / reach) ** 2) / 2
        )
        noise = NOISE * family.std(axis=0) * rng.standard_normal(latents.shape[1])
        return np.asarray(weights @ family / weights.sum() + noise, np.float32)


def read_wav(path: Path) -> tuple[Array, int]:
    """Reads a 16-bit WAV file as one channel: (samples [1, T], rate in Hz)."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{path} has no 16-bit samples")
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        channels = data.reshape(-1, file.getnchannels()) / np.float32(32768)
        return np.asarray(channels.mean(axis=1)[None], np.float32), file.getframerate()


def write_wav(path: Path, sound: Array, sample_rate: int) -> None:
    """Writes one sound [T] as a 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).round().astype("<i2").tobytes())


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("way", help="generate, reconstruct, or another of model.json's ways")
    parser.add_argument("files", nargs="+", type=Path, help="[SOUND.wav] OUT.wav")
    parser.add_argument("--seed", type=int, default=0)
    said = parser.parse_args()
    player, rng = Player(Path(__file__).parent), np.random.default_rng(said.seed)
    rate = player.model["sample_rate"]
    given: dict[str, Array] = {}
    if len(said.files) > 1:
        given["sound"], found_rate = read_wav(said.files[0])
        if found_rate != rate:
            parser.error(f"{said.files[0]} has {found_rate} Hz; the instrument hears {rate} Hz")
    sound = player.play(said.way, given, rng)["sound"][0]
    if not given:
        sound = sound * (10 ** (-1 / 20) / max(float(np.abs(sound).max()), 1e-9))
    write_wav(said.files[-1], sound, rate)
    sys.stdout.write(f"{said.files[-1]}: {len(sound) / rate:.2f} s at {rate} Hz\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
