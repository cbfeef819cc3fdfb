"""Listening tests to try: small sounds, tests built of them, and listeners who follow a rule."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from timbrel.evaluation.listening.description import Source, read_key
from timbrel.evaluation.listening.tokens import listener_of
from timbrel.studio.listening.sitting import Sitting, sit
from timbrel.tasks import listen
from timbrel.tasks.listen import Opened, Options

RATE_HZ, FAKE_RATE_HZ = 16_000, 8000
Samples = NDArray[np.float64]
# What a listener says of a page's sounds, place by place; X's place where there is one.
Says = Callable[[Sequence[Source], int | None], dict[str, Any]]


def hiss(rng: np.random.Generator, *, seconds: float = 0.6, rate: int = RATE_HZ) -> Samples:
    """Noise that dies away: it fills its whole bandwidth."""
    time = np.arange(round(seconds * rate)) / rate
    return 0.2 * rng.normal(size=len(time)) * np.exp(-time * rng.uniform(2, 5))


def write_sounds(folder: Path, names: Sequence[str], *, seed: int, rate: int = RATE_HZ) -> Path:
    """Files of hiss, each at a level of its own."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        sound = hiss(rng, rate=rate) * rng.uniform(0.2, 1)
        soundfile.write(folder / f"{name}.wav", np.clip(sound, -1, 1), rate)
    return folder


@dataclass(frozen=True)
class Material:
    """Folders of originals and of what two systems made of them."""

    real: Path
    one: Path
    two: Path

    @property
    def systems(self) -> dict[str, Path]:
        return {"one": self.one, "two": self.two}


def material(root: Path, count: int = 6) -> Material:
    names = [f"kick {number}" for number in range(count)]
    return Material(
        write_sounds(root / "real", names, seed=1),
        write_sounds(root / "one", [f"{name}-reconstructed" for name in names], seed=2,
                     rate=FAKE_RATE_HZ),
        write_sounds(root / "two", names, seed=3),
    )  # fmt: skip


def opened(root: Path, kind: str, *, options: Options | None = None, count: int = 6) -> Opened:
    """A test of a kind, built of `material`, ready to be served."""
    made = material(root, count)
    systems = {"one": made.one} if kind == "questionnaire" else made.systems
    listen.build(root / kind, kind, originals=[made.real], systems=systems, options=options)
    return listen.open_test(root / kind)


def take(test: Opened, says: Says, *, pages: int | None = None, words: str = "") -> str:
    """Somebody takes a test by a rule that may know the key; gives their token."""
    key = read_key(test.folder, test.description)
    token = test.results.enlist()
    sitting = sit(test, token)
    count = sitting.state()["count"]
    for place in range(count if pages is None else pages):
        sitting = sit(test, token)
        _answer(test, sitting, place, key.sounds, says)
    if pages is None:
        closing = sitting.about(test)["closing"][0]["name"]
        sit(test, token).close({closing: words} if words else {})
    return token


def _answer(test: Opened, sitting: Sitting, place: int, key: dict[str, Source], says: Says) -> None:
    page = sitting.page(place)
    names = [*page["sounds"], *filter(None, (page["reference"], page["x"]))]
    x = None
    if page["x"]:
        x = next(n for n, name in enumerate(page["sounds"]) if key[name] == key[page["x"]])
    given = says([key[name] for name in page["sounds"]], x)
    sitting.answer(place, given, plays=[1] * len(names), seconds=3.0)


def knows(token: str) -> str:
    """The name of a token's listener in reports."""
    return listener_of(token)[:8]


def read_json(path: Path) -> Any:
    """Strict JSON: NaN and Infinity are none."""

    def refused(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refused)
