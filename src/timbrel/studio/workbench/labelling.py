"""Labels, edited in bulk."""

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
    changed = task.relabel(
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
        else [part for id_ in ids[:MOST_SHOWN] for part in ("--sound", id_)]
    )
    arguments = ["library", *chosen, "--set-label", wish.label]
    return Labelled(changed=changed, command=commands.shown(bench.workspace.root, arguments))
