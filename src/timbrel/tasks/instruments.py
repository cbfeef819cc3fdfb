"""Instruments: what there is, what each can do."""

from typing import Any

from timbrel.errors import InstrumentError
from timbrel.instruments import document, folder
from timbrel.instruments.instrument import Instrument
from timbrel.tasks.shelf import stamp_of
from timbrel.tasks.workspace import Workspace


def overview(workspace: Workspace) -> list[dict[str, Any]]:
    """Lists the instruments of a workspace.

    Args:
        workspace: The workspace.

    Returns:
        The facts of each, as `timbrel.instruments.folder.describe` gives them, by name. A damaged
        one has only its ``name`` and a ``problem``.
    """
    return [_facts(workspace, name) for name in workspace.instrument_names()]


def _facts(workspace: Workspace, name: str) -> dict[str, Any]:
    try:
        return {**folder.describe(workspace.existing_instrument(name)), "name": name}
    except InstrumentError as error:
        return {"name": name, "problem": str(error)}


def describe(workspace: Workspace, name: str) -> dict[str, Any]:
    """Describes one instrument.

    Args:
        workspace: The workspace.
        name: The instrument.

    Returns:
        Its facts, and its card (Markdown) under ``card``.

    Raises:
        UnknownNameError: When there is none of that name.
        InstrumentError: When it is damaged.
    """
    path = workspace.existing_instrument(name)
    return {**folder.describe(path), "name": path.name, "card": folder.read_card(path)}


def open_named(workspace: Workspace, name: str, device: str = "cpu") -> Instrument:
    """Opens an instrument of a workspace.

    Args:
        workspace: The workspace.
        name: The instrument.
        device: Where its network shall live, such as "cpu" or "cuda".

    Returns:
        The instrument, ready to play.

    Raises:
        UnknownNameError: When there is none of that name.
        InstrumentError: When it is damaged.
        UsageError: When there is no such device.
    """
    path, shelf = workspace.existing_instrument(name), workspace.shelf

    def opened() -> Instrument:
        return folder.open_instrument(path, device=device)

    marked = path / document.DOCUMENT
    if shelf is None or not marked.is_file():
        return opened()
    return shelf.get(("instrument", str(path), device), stamp_of(marked), opened, _size_bytes)


def _size_bytes(instrument: Instrument) -> int:
    """What its network and its cloud keep in memory."""
    network = instrument.network
    tensors = [*network.parameters(), *network.buffers(), instrument.cloud.latents]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
