"""What the shell completes; nothing heavy is imported, or each press of Tab would wait for it."""

from pathlib import Path

import typer

from timbrel import plugins
from timbrel.cli import formats as known
from timbrel.tasks.workspace import Workspace


def recipes(incomplete: str) -> list[str]:
    """Completes a recipe's name.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    from timbrel.recipes import names

    return _beginning(names(), incomplete)


def instruments(context: typer.Context, incomplete: str) -> list[str]:
    """Completes the name of an instrument of the workspace.

    Args:
        context: What typer knows of the command so far.
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    root = (context.parent or context).params.get("workspace") or "timbrel-workspace"
    return _beginning(Workspace(Path(str(root))).instrument_names(), incomplete)


def projections(incomplete: str) -> list[str]:
    """Completes the name of a projection.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    return _beginning(plugins.names("mapping.projections"), incomplete)


def phases(context: typer.Context, incomplete: str) -> list[str]:
    """Completes the name of a phase method, or of an instrument in its place.

    Args:
        context: What typer knows of the command so far.
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    methods = _beginning([*plugins.names("signal.phase"), "sources"], incomplete)
    return [*methods, *instruments(context, incomplete)]


def metrics(incomplete: str) -> list[str]:
    """Completes the name of a metric that takes a pair of sounds.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    found = plugins.mentioning("evaluation.metrics", 'needs="pair"')
    return _beginning(found, incomplete)


def experiments(incomplete: str) -> list[str]:
    """Completes the name of an experiment.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    return _beginning([n.replace("_", "-") for n in plugins.names("experiments")], incomplete)


def readers(incomplete: str) -> list[str]:
    """Completes the name of a reader.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    return _beginning(plugins.names("library.readers"), incomplete)


def formats(incomplete: str) -> list[str]:
    """Completes the name of a format of exports.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    return _beginning(known.names(), incomplete)


def listening_kinds(incomplete: str) -> list[str]:
    """Completes the name of a kind of listening test.

    Args:
        incomplete: What was typed so far.

    Returns:
        The names that begin so.
    """
    from timbrel.evaluation.listening.kinds import KINDS

    return _beginning(list(KINDS), incomplete)


def _beginning(names: list[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
