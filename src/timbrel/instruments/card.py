"""The card of an instrument: what it is, for people, written from facts alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from timbrel.instruments.document import Document
from timbrel.instruments.phases import MeasuredPhases

DOES = {
    "reconstruct": ("plays any sound back as it hears it", "timbrel reconstruct {name} SOUND.wav"),
    "generate": ("makes new sounds", "timbrel generate {name} --count 16"),
    "morph": ("mixes two to four sounds", "timbrel morph {name} A.wav B.wav --steps 8"),
    "phase": (
        "finds the phase of magnitudes: other instruments play through it",
        "timbrel reconstruct INSTRUMENT SOUND.wav --phase {name}",
    ),
    "map": ("draws a map of the library on which any point is a sound", "timbrel map {name}"),
    "vary": (
        "makes variations of its recording, or follows another sound",
        "timbrel vary {name} --amount 0.3 --count 4",
    ),
    "continue": ("goes on where its recording ends", "timbrel continue {name} --seconds 20"),
    "inpaint": (
        "fills holes of its recording",
        "timbrel inpaint {name} --hole 3.2,3.45 --count 3",
    ),
    "extend_bandwidth": (
        "adds the high frequencies that a sound of its kind lacks",
        "timbrel extend {name} SOUND.wav",
    ),
    "denoise": (
        "takes steady noise out of a sound of its kind",
        "timbrel denoise {name} SOUND.wav",
    ),
}
OF_A_RECORDING = {
    "generate": (
        "makes new pieces of any length, or one without an end",
        "timbrel generate {name} --count 4 --seconds 30",
    )
}
ENDLESS = "timbrel generate {name} --endless --out long.flac"
OUT = {"map": " --out map.html"}
_FACTS = {
    "verdict": "{}",
    "best_loss": "best validation loss {}",
    "parameters": "{} parameters are learned",
    "steps": "trained for {} steps",
    "epochs": "that is {} epochs",
    "seconds": "training took {} s",
    "precision": "its arithmetic was done in {}",
    "epoch_seconds": "an epoch took {} s",
    "memory_bytes": "the process took {} bytes of memory at most",
    "rollbacks": "rolled back {} times where training diverged",
    "stopped_because": "stopped because: {}",
}
_CHANNELS = {1: "one channel", 2: "two channels"}


def written(name: str, said: Document) -> str:
    """Writes the card.

    Args:
        name: The instrument's name.
        said: What the folder says of itself.

    Returns:
        Markdown; names and labels in it are harmless whatever they hold.
    """
    parts = [
        _what_it_is(name, said),
        _section("What it learned from", _learned(said)),
        _section("What it can do", _abilities(said)),
        _section("How good it is", _quality(said)),
        *([_section("How it finds the phase", _phases(said.phases))] if said.phases else []),
        _section("Limits", _limits(said)),
        _section("How to play it", _commands(name, said)),
    ]
    return "\n".join(parts)


def plain(text: object) -> str:
    r"""Makes text harmless in Markdown: one line, nothing that a page could take for a command.

    Args:
        text: Anything, such as a label that came with a stranger's files.

    Returns:
        One line.

    Example:
        >>> plain("kick<script>\n*loud*")
        'kick&lt;script&gt; \\*loud\\*'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#])", r"\\\1", line)


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"- {line}" for line in lines), ""])


def _of_a_recording(said: Document) -> bool:
    """Whether it learned from one recording or a few: only such instruments vary."""
    return "vary" in said.abilities


def _channels(said: Document) -> str:
    return _CHANNELS[said.channels]


def _what_it_is(name: str, said: Document) -> str:
    heard = f"sounds of {said.recipe.get('duration_s', 0.0):g} s"
    if _of_a_recording(said):
        heard = "pieces of any length"
    return (
        f"# {plain(name)}\n\nAn instrument of the family {plain(said.family)}: "
        f"{plain(said.recipe.get('title', ''))}. It hears and plays {heard}, "
        f"{_channels(said)}, at {said.sample_rate} Hz. Made by timbrel "
        f"{plain(said.timbrel_version)} with torch {plain(said.torch_version)}.\n"
    )


def _learned(said: Document) -> list[str]:
    if _of_a_recording(said):
        return _learned_from_recordings(said)
    counts = said.sounds
    kept = [f"{counts[split]} for {split}" for split in ("validation", "test") if split in counts]
    lines = [f"{counts.get('train', 0)} sounds" + (f"; kept apart: {', '.join(kept)}" * bool(kept))]
    if said.labels:
        lines.append(f"{len(said.labels)} labels: {', '.join(map(plain, said.labels))}")
    lines.append(f"the library's fingerprint: {plain(said.library_fingerprint[:16])}")
    return lines


def _learned_from_recordings(said: Document) -> list[str]:
    count, length_s = said.sounds.get("train", 0), said.recipe.get("duration_s", 0.0)
    many = f"{count} recordings of {length_s:.3g} s in all"
    lines = [
        f"one recording of {length_s:.3g} s" if count == 1 else many,
        "its weights hold the recording itself: who has the folder has that too",
    ]
    if origin := said.training.get("origin"):
        lines.append(f"it began with what the instrument {plain(origin)} had learned")
    return lines


def _does(ability: str, said: Document) -> tuple[str, str]:
    """What an ability is for, and a command without where its sounds go."""
    own = OF_A_RECORDING if _of_a_recording(said) else {}
    return own.get(ability) or DOES[ability]


def _abilities(said: Document) -> list[str]:
    can = [ability for ability in said.abilities if ability in DOES]
    return [f"{ability}: {_does(ability, said)[0]}" for ability in can]


def _quality(said: Document) -> list[str]:
    training, facts = said.training, dict(_FACTS)
    judged = "measures it on the sounds that were kept apart"
    if _of_a_recording(said):
        facts["best_loss"] = "best loss on its own recording {}"
        del facts["epochs"], facts["epoch_seconds"]  # nothing goes through sounds one by one
        judged = "holds new pieces of it against its recording: are they like it, or copies?"
    lines = [
        text.format(_rounded(training[key]))
        for key, text in facts.items()
        if training.get(key) not in (None, "", 0)
    ]
    return [*lines, f"`timbrel evaluate` {judged}"]


def _phases(measured: MeasuredPhases) -> list[str]:
    """One line a method, the best first."""
    trials = sorted(measured.trials, key=lambda trial: trial.method != measured.best)
    lines = [
        f"{_settings(trial.method)}: {trial.log_spectral_distance_db:.2f} dB off, "
        f"{trial.seconds_per_second:.3f} s for a second of sound"
        for trial in trials
    ]
    return [f"it plays with {lines[0]}", *(f"beside it: {line}" for line in lines[1:])]


def _settings(method: Mapping[str, Any]) -> str:
    settings = [f"{plain(key)} {plain(value)}" for key, value in method.items() if key != "name"]
    return plain(method.get("name", "")) + (f" ({', '.join(settings)})" if settings else "")


def _rounded(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else plain(value)


def _limits(said: Document) -> list[str]:
    top = f"nothing above {said.sample_rate // 2} Hz, {_channels(said)}"
    if _of_a_recording(said):
        return [
            top,
            "it knows what its recording holds, and no form beyond that: long pieces wander",
            "a new piece may repeat its recording; a report measures how much",
        ]
    return [
        f"{top}, {said.recipe.get('duration_s')} s",
        "it knows the sounds it learned from: what lies far from them comes back changed",
        "a generated sound may be close to a training sound; a report measures how close",
    ]


def _commands(name: str, said: Document) -> list[str]:
    shell_name = name if re.fullmatch(r"[A-Za-z0-9._-]+", name) else "NAME"
    lines = [
        _does(ability, said)[1] + OUT.get(ability, " --out DIR")
        for ability in said.abilities
        if ability in DOES
    ]
    lines += [ENDLESS] if _of_a_recording(said) else []
    return [f"`{line.format(name=shell_name)}`" for line in lines]
