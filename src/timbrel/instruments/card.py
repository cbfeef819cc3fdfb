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
}
OUT = {
    "reconstruct": " --out DIR",
    "generate": " --out DIR",
    "morph": " --out DIR",
    "phase": " --out DIR",
}


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
        _section("How good it is", _quality(said.training)),
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


def _what_it_is(name: str, said: Document) -> str:
    duration_s = said.recipe.get("duration_s", 0.0)
    return (
        f"# {plain(name)}\n\nAn instrument of the family {plain(said.family)}: "
        f"{plain(said.recipe.get('title', ''))}. It hears and plays sounds of {duration_s:g} s, "
        f"one channel, at {said.sample_rate} Hz. Made by timbrel {plain(said.timbrel_version)} "
        f"with torch {plain(said.torch_version)}.\n"
    )


def _learned(said: Document) -> list[str]:
    counts = said.sounds
    kept = [f"{counts[split]} for {split}" for split in ("validation", "test") if split in counts]
    lines = [f"{counts.get('train', 0)} sounds" + (f"; kept apart: {', '.join(kept)}" * bool(kept))]
    if said.labels:
        lines.append(f"{len(said.labels)} labels: {', '.join(map(plain, said.labels))}")
    lines.append(f"the library's fingerprint: {plain(said.library_fingerprint[:16])}")
    return lines


def _abilities(said: Document) -> list[str]:
    return [f"{ability}: {DOES[ability][0]}" for ability in said.abilities if ability in DOES]


def _quality(training: Mapping[str, Any]) -> list[str]:
    facts = {
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
    lines = [
        text.format(_rounded(training[key]))
        for key, text in facts.items()
        if training.get(key) not in (None, "", 0)
    ]
    return [*lines, "`timbrel evaluate` measures it on the sounds that were kept apart"]


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
    return [
        f"nothing above {said.sample_rate // 2} Hz, one channel, {said.recipe.get('duration_s')} s",
        "it knows the sounds it learned from: what lies far from them comes back changed",
        "a generated sound may be close to a training sound; a report measures how close",
    ]


def _commands(name: str, said: Document) -> list[str]:
    shell_name = name if re.fullmatch(r"[A-Za-z0-9._-]+", name) else "NAME"
    return [
        f"`{DOES[ability][1].format(name=shell_name)}{OUT.get(ability, ' --out map.html')}`"
        for ability in said.abilities
        if ability in DOES
    ]
