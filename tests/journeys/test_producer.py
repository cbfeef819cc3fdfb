"""A producer's way: a folder of sounds, an instrument, new sounds; each command as typed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from fixtures_command import Command

RATE_HZ = 16_000
LABELS = {"low": 110.0, "mid": 440.0, "high": 1500.0}
EACH = 16


def _make_sounds(folder: Path, rng: np.random.Generator) -> None:
    """Tones that ring off, in a folder a label; one file is no sound."""
    seconds = np.arange(RATE_HZ // 2) / RATE_HZ
    for label, hz in LABELS.items():
        (folder / label).mkdir(parents=True)
        for number in range(EACH):
            tuned = hz * rng.uniform(0.8, 1.25)
            tone = np.sin(2 * np.pi * tuned * seconds) * np.exp(-seconds * rng.uniform(4, 20))
            soundfile.write(folder / label / f"{label} {number}.wav", 0.7 * tone, RATE_HZ)
    (folder / "low" / "broken.wav").write_bytes(b"no sound at all")


def _audible(path: Path) -> bool:
    samples, rate = soundfile.read(path)
    return rate == RATE_HZ and bool(np.isfinite(samples).all()) and np.abs(samples).max() > 0.01


@dataclass(frozen=True)
class Producer:
    """Somebody who types commands."""

    timbrel: Command

    def json_of(self, *words: object, status: int = 0) -> dict[str, Any]:
        ended = self.timbrel("--json", *words)
        assert ended.status == status, ended.err
        assert "Traceback" not in ended.err
        found = ended.document
        assert isinstance(found, dict)
        return found

    def refused(self, *words: object) -> None:
        """Nothing is overwritten unasked."""
        ended = self.timbrel(*words)
        assert ended.status == 2
        assert "already" in ended.err


def test_from_a_folder_of_sounds_to_new_ones(
    timbrel: Command, tmp_path: Path, rng: np.random.Generator
) -> None:
    _make_sounds(tmp_path / "my sounds", rng)
    producer = Producer(timbrel)
    _library(producer)
    learned = _instrument(producer)
    _new_sounds(producer, tmp_path)
    _other_sounds(producer)
    _map(producer, tmp_path, learned)
    _report(producer, tmp_path)
    assert not (tmp_path / "none").exists()


def _library(producer: Producer) -> None:
    scanned = producer.json_of("scan", "my sounds", status=3)
    assert scanned["added"] == EACH * len(LABELS)
    assert [Path(one["path"]).name for one in scanned["skipped"]] == ["broken.wav"]
    again = producer.json_of("scan", "my sounds", status=3)
    assert (again["added"], again["unchanged"]) == (0, EACH * len(LABELS))
    assert producer.json_of("library")["labels"] == dict.fromkeys(sorted(LABELS), EACH)
    assert len(producer.json_of("library", "--label", "low", "--list")["sounds"]) == EACH
    match = producer.json_of("search", "my sounds/mid/mid 3.wav", "--top", 2)["matches"][0]
    assert match["path"].endswith("mid 3.wav")


def _instrument(producer: Producer) -> int:
    assert producer.json_of("recipes", "sample-vae-tiny")["networks"]["total"] > 1000
    told = producer.json_of("train", "sample-vae-tiny", "--estimate", "--steps", 6)
    assert told["steps"] == 6
    train = ("train", "sample-vae-tiny", "--name", "tones", "--steps")
    trained = producer.json_of(*train, 6, "--set", "training.batch_size=8", "training.previews=2")
    assert trained["steps"] == 6
    producer.refused(*train, 6)
    other = producer.timbrel("--seed", 3, "train", "--resume", "--name", "tones", "--steps", 8)
    assert (other.status, "a training of seed 0" in other.err) == (2, True)
    resume = ("--seed", 0, "train", "--resume", "--name", "tones", "--steps", 8)
    longer = producer.json_of(*resume)
    assert longer["steps"] == 8
    listed = producer.json_of("instruments")["instruments"]
    assert [one["name"] for one in listed] == ["tones"]
    assert {"generate", "morph", "reconstruct"} <= set(listed[0]["abilities"])
    assert "tones" in producer.timbrel("instruments", "tones").out
    return int(trained["sounds"])


def _new_sounds(producer: Producer, tmp_path: Path) -> None:
    made = producer.json_of("generate", "tones", "--count", 3, "--out", "new", "--seed", 5)
    assert all(_audible(Path(path)) for path in made["sounds"])
    twin = producer.json_of("generate", "tones", "--count", 3, "--out", "twin", "--seed", 5)
    pairs = zip(made["sounds"], twin["sounds"], strict=True)
    assert all(np.array_equal(soundfile.read(a)[0], soundfile.read(b)[0]) for a, b in pairs)
    before = {path: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    producer.refused("generate", "tones", "--count", 3, "--out", "new")
    assert before == {path: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    producer.json_of("generate", "tones", "--count", 3, "--out", "new", "--force")
    lows = producer.json_of("generate", "tones", "--count", 2, "--label", "low", "--out", "lows")[
        "sounds"
    ]
    sidecars = [json.loads(Path(p).with_suffix(".json").read_text("utf-8")) for p in lows]
    assert all("low" in json.dumps(sidecar) for sidecar in sidecars)
    for count in (0, -3):
        assert producer.timbrel("generate", "tones", "--count", count, "--out", "none").status == 2
    wrong = producer.timbrel("generate", "tones", "--count", 1, "--label", "lo", "--out", "none")
    assert (wrong.status, "did you mean 'low'" in wrong.err) == (2, True)
    free = producer.json_of("generate", "tones", "--count", 1, "--from-prior", "--out", "free")[
        "sounds"
    ]
    assert len(free) == 1


def _other_sounds(producer: Producer) -> None:
    heard = producer.json_of(
        "reconstruct", "tones", "my sounds/mid/mid 1.wav", "my sounds/low/broken.wav",
        "--out", "heard", status=3,
    )  # fmt: skip
    assert len(heard["sounds"]) == len(heard["skipped"]) == 1
    assert producer.timbrel("reconstruct", "tones", "gone.wav", "--out", "none").status == 2
    ends = ("my sounds/low/low 1.wav", "my sounds/high/high 1.wav")
    steps = producer.json_of(
        "morph", "tones", *ends, "--steps", 4, "--curve", "ease", "--out", "between"
    )
    assert len(steps["sounds"]) == 4
    square = producer.json_of("morph", "tones", *ends, *ends, "--steps", 2, "--out", "square")
    assert len(square["sounds"]) == 4
    assert producer.json_of("morph", "tones", "--pairs")["pairs"]


def _map(producer: Producer, tmp_path: Path, learned: int) -> None:
    for name in ("map.png", "map.json", "map.html"):
        drawn = producer.json_of("map", "tones", "--projection", "pca", "--out", name)
        assert drawn["sounds"] == learned
        producer.refused("map", "tones", "--projection", "pca", "--out", name)
    (tmp_path / "map.json").write_text("{}", encoding="utf-8")
    producer.json_of("map", "tones", "--projection", "pca", "--out", "map.json", "--force")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "map.json").read_text("utf-8"))
    assert drawn["heard"] == learned
    pick = ("pick", "tones", "--projection", "pca", "--out", "p.wav", "--at")
    picked = producer.json_of(*pick, "0.25,0.5")
    assert _audible(tmp_path / "p.wav")
    assert picked["nearest"]["label"] in LABELS
    heard = (tmp_path / "p.wav").read_bytes()
    producer.refused(*pick, "0.75,0.5")
    assert (tmp_path / "p.wav").read_bytes() == heard
    producer.json_of(*pick, "0.75,0.5", "--force")
    assert (tmp_path / "p.wav").read_bytes() != heard


def _report(producer: Producer, tmp_path: Path) -> None:
    judged = producer.json_of("evaluate", "tones", "--out", "report")
    assert judged["report"]["counts"]["held_out"] > 0
    assert (tmp_path / "report" / "index.html").is_file()
    assert judged["report"]["facts"]["training: seed"] == 0
    assert judged["report"]["facts"]["sounds: test"] == judged["report"]["counts"]["held_out"]
    producer.refused("evaluate", "tones", "--out", "report")
    again = producer.json_of("evaluate", "tones", "--out", "report", "--seed", 2, "--force")
    assert again["report"]["facts"]["evaluation seed"] == 2
    for foreign in ("my sounds", ".", "timbrel-workspace"):
        producer.refused("evaluate", "tones", "--out", foreign, "--force")
    assert len(list((tmp_path / "my sounds").rglob("*.wav"))) == EACH * len(LABELS) + 1
    original = "my sounds/mid/mid 1.wav"
    compared = producer.json_of("compare", original, "my sounds/mid/mid 2.wav")
    assert compared["log_spectral_distance"] > 0
    assert producer.json_of("compare", original, original, "--metric", "mse_db") == {
        "mse_db": pytest.approx(0.0)
    }
