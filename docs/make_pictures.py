"""Pictures and sounds of the families' pages: each family's tiny recipe on the demo's sounds.

    python docs/make_pictures.py [FAMILY ...] [--minutes 0.4] [--out docs/assets/families]

Each family is trained for the minutes given, on sounds that timbrel makes itself, so that anybody
can make the same; what a page shows says little of what a full recipe comes to, and its caption
tells how it was made. Written are NAME.png (spectrograms from left to right, 40 Hz to 20 kHz, 80 dB
deep), short sounds as Ogg Vorbis, and NAME.json with the captions.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch

from timbrel import plugins, recipes
from timbrel.evaluation import pictures
from timbrel.library.demo_sounds.folder import synthesise
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.signal.stft import magnitude
from timbrel.tasks import improvise
from timbrel.tasks.generate import generate
from timbrel.tasks.instruments import open_named
from timbrel.tasks.reconstruct import reconstruct
from timbrel.tasks.scan import scan
from timbrel.tasks.train import Trained, train
from timbrel.tasks.workspace import Workspace

PER_LABEL = 4
HEARD = ("kick", "struck", "cymbal")  # what is played back, where a family hears
RATE_HZ = 44_100
LOOP_S = 6.0
LONGEST_S = 3.0
Made = dict[str, Sound]


@dataclass(frozen=True)
class Bench:
    """What all families are tried on.

    Attributes:
        root: A folder for everything.
        sounds: The demo's sounds, one folder a label.
    """

    root: Path
    sounds: Path

    @property
    def workspace(self) -> Workspace:
        """The workspace of all of them."""
        return Workspace(self.root / "workspace")

    @property
    def songs(self) -> Workspace:
        """A workspace of loops, for families of music."""
        return Workspace(self.root / "songs-workspace")

    def sound(self, label: str) -> Path:
        """A sound of a label."""
        return sorted((self.sounds / label).glob("*.wav"))[0]


def tiny(family: str) -> str:
    """Names the family's smallest recipe.

    Args:
        family: The family.

    Returns:
        The recipe's name.
    """
    return next(
        name
        for name in recipes.names()
        if name.endswith("-tiny") and recipes.find(name).family == family
    )


def loop(bench: Bench, seed: int, seconds: float) -> Sound:
    """Plays the demo's drums in a beat of 120, so that there is a recording to learn from.

    Args:
        bench: Where the sounds are.
        seed: Which loop.
        seconds: Its length.

    Returns:
        One channel at 44.1 kHz.
    """
    draw = np.random.default_rng(seed)
    out = np.zeros(int((seconds + 3) * RATE_HZ), dtype=np.float32)
    for step in range(int(seconds * 8)):
        label = ("kick", "hi-hat", "snare", "hi-hat")[step // 2 % 4] if step % 2 == 0 else "shaker"
        found = sorted((bench.sounds / label).glob("*.wav"))
        played = files.read(found[draw.integers(len(found))]).samples[0].numpy()
        at = int(step * RATE_HZ / 8)
        out[at : at + len(played)] += 0.4 * played[: len(out) - at]
    return Sound(torch.from_numpy(out[: int(seconds * RATE_HZ)])[None].clamp(-1, 1), RATE_HZ)


def prepare(root: Path) -> Bench:
    """Makes the sounds, the loops and their libraries.

    Args:
        root: An empty folder.

    Returns:
        The bench.
    """
    bench = Bench(root, root / "sounds")
    synthesise(bench.sounds, per_label=PER_LABEL)
    files.write(root / "loop.wav", loop(bench, 0, LOOP_S))
    scan(bench.workspace, [bench.sounds])
    return bench


def sung(bench: Bench) -> Workspace:
    """Makes loops of half a minute to learn music from, once.

    Args:
        bench: Where the sounds are.

    Returns:
        The workspace of their library.
    """
    folder = bench.root / "loops"
    if not folder.exists():
        for number in range(6):  # pieces enough to learn from
            files.write(folder / f"{number}.wav", loop(bench, number, 30.0))
        scan(bench.songs, [folder])
    return bench.songs


def learned(bench: Bench, family: str, minutes: float) -> tuple[Trained, Workspace]:
    """Trains a family's tiny recipe.

    Args:
        bench: What it learns from.
        family: The family.
        minutes: How long.

    Returns:
        What training says, and the workspace of the instrument, which is called like the family.
    """
    recipe = tiny(family)
    alone = plugins.load("families", family).needs == "one recording"
    workspace = sung(bench) if recipes.find(recipe).pieces else bench.workspace
    sounds = [bench.root / "loop.wav"] if alone else []
    return train(workspace, recipe, name=family, sounds=sounds, minutes=minutes), workspace


def played(bench: Bench, family: str, workspace: Workspace) -> Iterator[tuple[str, Sound]]:
    """Plays an instrument in the ways that its family offers.

    Args:
        bench: The sounds.
        family: The family, and the name of its instrument.
        workspace: Where the instrument is.

    Yields:
        Captions and sounds, what was given before what was made of it.
    """
    offers, out = plugins.load("families", family).abilities, bench.root / "out" / family
    if "improvise" in offers:
        yield "the recording", files.read(bench.root / "loop.wav")
        asked = improvise.Asked(workspace, family, out)
        for path in improvise.generate(asked, seconds=LONGEST_S).paths:
            yield "a new piece", files.read(path)
        return
    if "phase" in offers:
        yield from _phased(bench, family, workspace)
        return
    if "encode" in offers:
        given = [bench.sound(label) for label in HEARD[:2]]
        back = reconstruct(workspace, family, given, out=out).paths
        for path, heard in zip(given, back, strict=True):
            yield f"{path.parent.name}, as given", files.read(path)
            yield f"{path.parent.name}, played back", files.read(heard)
    if {"decode"} <= offers:
        count = 1 if "encode" in offers else 3
        for path in generate(workspace, family, count=count, out=out / "new").paths:
            yield "new", files.read(path)


def _phased(bench: Bench, family: str, workspace: Workspace) -> Iterator[tuple[str, Sound]]:
    """Sounds whose phases were thrown away and found again."""
    network = open_named(workspace, family).network
    rate = open_named(workspace, family).sample_rate
    for label in HEARD[:2]:
        given = files.read(bench.sound(label), sample_rate=rate)
        wanted = magnitude(given.samples[:1], network.frames)
        length = given.samples.shape[1]
        with torch.inference_mode():
            found = network.waveform(wanted, length_samples=length, seed=0)
        yield f"{label}, as given", given
        yield f"{label}, its phase found again", Sound(found, rate)


def write(out: Path, family: str, made: list[tuple[str, Sound]], caption: str) -> None:
    """Writes a family's picture, sounds and captions.

    Args:
        out: The folder.
        family: The family.
        made: Captions and sounds.
        caption: How it was made.
    """
    out.mkdir(parents=True, exist_ok=True)
    cut = [(said, _shortened(sound)) for said, sound in made]
    shown = pictures.compared(
        {f"{at} {cut[at][0]}": cut[at][1] for at in range(len(cut))}, one_level=False
    )
    gap = np.zeros((pictures.HEIGHT, 6), dtype=np.float32)
    columns = [part for levels in shown for part in (levels[:, ::2], gap)]
    pictures.draw(out / f"{family}.png", np.hstack(columns[:-1]))
    sounds = []
    for number, (said, sound) in enumerate(cut):
        name = f"{family}-{number}.ogg"
        soundfile.write(out / name, sound.samples.mean(0).numpy(), sound.sample_rate)
        sounds.append({"title": said[0].upper() + said[1:], "file": name})
    order = "; ".join(said for said, _ in made)
    alt = f"Spectrograms from left to right: {order}"
    facts = {"alt": alt, "made": f"From left to right: {order}. {caption}", "sounds": sounds}
    (out / f"{family}.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _shortened(sound: Sound) -> Sound:
    most = int(LONGEST_S * sound.sample_rate)
    peak = float(sound.samples.abs().max()) or 1.0
    return Sound(sound.samples[:, :most] * (0.9 / peak), sound.sample_rate)


def main() -> None:
    """Makes the pictures and sounds of the families asked for, or of all."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("families", nargs="*", help="their names; all if none is said")
    parser.add_argument("--minutes", type=float, default=0.4, help="of training, each")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "assets" / "families")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = prepare(Path(folder))
        for family in asked.families or plugins.names("families"):
            began = time.monotonic()
            trained, workspace = learned(bench, family, asked.minutes)
            made = list(played(bench, family, workspace))
            caption = (
                f"Made by `python docs/make_pictures.py {family} --minutes {asked.minutes:g}`: the "
                f"recipe `{tiny(family)}`, {trained.summary.steps} steps, on a busy machine of two "
                "cores, on sounds that timbrel makes itself. Tiny recipes show that "
                "all parts work; they sound poor."
            )
            write(asked.out, family, made, caption)
            seconds = time.monotonic() - began
            sys.stderr.write(f"{family}: {len(made)} sounds in {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
