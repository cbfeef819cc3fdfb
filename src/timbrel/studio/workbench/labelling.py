"""Labels, edited in bulk, and taken back."""

from collections.abc import Sequence

from timbrel.errors import UsageError
from timbrel.studio.workbench import commands
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.library import Labelled, Labelling
from timbrel.tasks import library as task

MOST_SHOWN = 50  # ids in a command; a shell takes no line of any length


def relabel(bench: Bench, wish: Labelling) -> Labelled:
    """Gives sounds of the library another label.

    Args:
        bench: What the studio works with.
        wish: Which sounds, and the label.

    Returns:
        How many have another label now.

    Raises:
        UsageError: When no sounds are named, or both sounds and words.
    """
    if wish.every == bool(wish.sounds):
        raise UsageError("no sounds to label", "a list of sounds, or all that a search finds")
    ids = [reference.partition(":")[2] for reference in wish.sounds]
    if any(not reference.startswith("library:") for reference in wish.sounds):
        raise UsageError("a sound that is not of the library", "sounds of the library")
    done = task.relabel(
        bench.workspace,
        wish.label,
        words=wish.words,
        label=wish.label_is,
        ids=None if wish.every else ids,
    )
    bench.events.changed("library")
    chosen = (
        ["--words", wish.words, *commands.optional("--label", wish.label_is)]
        if wish.every
        else _named(ids)
    )
    return Labelled(
        changed=done.changed,
        command=_shown(bench, chosen, wish.label),
        undo=bench.undoable.keep(done.before) if done.changed else "",
    )


def undo(bench: Bench, name: str) -> Labelled:
    """Takes labels back that were given.

    Args:
        bench: What the studio works with.
        name: Which time, as the answer to it told.

    Returns:
        How many sounds have another label now.

    Raises:
        Gone: When it is too long ago, or was taken back already.
    """
    before = bench.undoable.of(name)
    task.restore_labels(bench.workspace, before)
    bench.undoable.forget(name)
    bench.events.changed("library")
    lines = [_shown(bench, _named(ids), label) for label, ids in before.items()]
    return Labelled(changed=sum(map(len, before.values())), command="\n".join(lines))


def _named(ids: Sequence[str]) -> list[str]:
    return [part for id_ in ids[:MOST_SHOWN] for part in ("--sound", id_)]


def _shown(bench: Bench, chosen: Sequence[str], label: str) -> str:
    return commands.shown(bench.workspace.root, ["library", *chosen, "--set-label", label])
