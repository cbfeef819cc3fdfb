"""Export: an instrument as ONNX graphs, which programs without Python play."""

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

import timbrel
from timbrel import atomic
from timbrel.errors import InstrumentError, TimbrelError, UsageError
from timbrel.instruments.folder import read_card
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Samples
from timbrel.progress import Report, silent
from timbrel.synthesis.renders import GRAIN
from timbrel.tasks.instruments import open_named
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

if TYPE_CHECKING:
    from timbrel.exporting.graphs.checking import Parity

MOST_SOUNDS = 4  # held-out sounds, and as many new ones, that an export is compared on
NEEDED = ("onnx", "onnxscript", "onnxruntime")


@dataclass(frozen=True)
class ExportedGraphs:
    """What was exported.

    Attributes:
        path: The folder.
        files: What it holds.
        checked_on: On which sounds it was compared with the instrument.
        parity: How far each way of playing is from the instrument.
        notes: What differs from the instrument.
    """

    path: Path
    files: list[str]
    checked_on: str
    parity: "list[Parity]"
    notes: tuple[str, ...]


def onnx(
    workspace: Workspace, name: str, *, out: Path, force: bool = False, report: Report = silent
) -> ExportedGraphs:
    """Exports an instrument as ONNX graphs with all that a host must know.

    Each graph is loaded again and compared with the instrument, on sounds of the library that were
    held out of its training and on new ones; where one is off, nothing is written.

    Args:
        workspace: The workspace.
        name: The instrument.
        out: The folder that the export becomes.
        force: Whether an export that stands there is replaced.
        report: Where progress goes.

    Returns:
        What was made.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When the libraries that it takes are not installed.
        AbilityError: When the instrument is of a family that cannot be exported.
        InstrumentError: When a graph cannot be written, or does not do what the instrument does.
        ExistsError: When something is there that may not be replaced.
    """
    check_installed()
    from timbrel.exporting.graphs import building, checking, folder

    place = folder.checked_place(out, force=force)
    instrument = open_named(workspace, name)
    bundle = building.built(instrument, grain=GRAIN, report=report)
    sounds, told = _held_out(workspace, instrument)
    facts = _facts(instrument)
    card = read_card(workspace.existing_instrument(name))
    try:
        with atomic.new_folder(place, force=force) as part:
            folder.fill(part, bundle, facts=facts, cloud=instrument.cloud, card=card)
            parity = checking.compared(
                part, bundle, instrument, sounds=sounds, latents=_latents(instrument), grain=GRAIN
            )
            checked = {"checked": {"on": told, "ways": [asdict(one) for one in parity]}}
            folder.write_model(part, bundle, facts={**facts, **checked}, cloud=instrument.cloud)
            files = sorted(path.name for path in part.iterdir())
    except OSError as error:
        raise InstrumentError(f"cannot write {out} ({error.strerror or error})") from None
    return ExportedGraphs(out, files, told, parity, bundle.notes)


def check_installed() -> None:
    """Makes sure that the libraries for ONNX are installed.

    Raises:
        UsageError: When one is not.
    """
    missing = [one for one in NEEDED if find_spec(one) is None]
    if missing:
        raise UsageError(
            f"--format onnx without {' and '.join(missing)}",
            advice="install what it takes: pip install 'timbrel[export]'",
        )


def _held_out(workspace: Workspace, instrument: Instrument) -> tuple[list[Tensor], str]:
    """Some held-out sounds as the instrument hears them, and what to call them."""
    if "encode" not in instrument.offers:
        return [], "new sounds of fixed seeds"
    order = {"test": 0, "validation": 1, "train": 2}
    notes = sorted(instrument.sounds, key=lambda note: order.get(note.split, 3))
    found, splits = list[Tensor](), set[str]()
    try:
        library = LibrarySounds(workspace, instrument)
        for note in notes:
            if len(found) == MOST_SOUNDS:
                break
            found += _read(library, instrument, note.id)
            splits.add(note.split)
    except TimbrelError:
        pass  # without its library it is compared on sounds that everybody has
    if found:
        names = " and ".join(sorted(splits, key=lambda split: order.get(split, 3)))
        return found, f"{len(found)} sounds of the library's {names} split, and new ones"
    return [_tones(instrument)], "made tones, for its library is not here, and new sounds"


def _read(library: LibrarySounds, instrument: Instrument, id_: str) -> list[Tensor]:
    try:
        return [instrument.fit(library.read(id_))]
    except TimbrelError:  # one that is gone or damaged is not compared
        return []


def _tones(instrument: Instrument) -> Tensor:
    """Three partials that fade, [1, T]."""
    time_s = torch.arange(instrument.length_samples) / instrument.sample_rate
    tones = [torch.sin(2 * torch.pi * 220 * n * time_s) / n for n in (1, 2, 3)]
    return (0.5 * torch.stack(tones).sum(0) * torch.exp(-4 * time_s))[None]


def _latents(instrument: Instrument) -> list[Tensor]:
    """Some latents that it plays: of training sounds, or drawn from its prior."""
    if instrument.cloud.plays:
        return list(instrument.cloud.latents[:MOST_SOUNDS, None].float())
    network = instrument.network
    if not isinstance(network, Samples):
        return []
    with torch.inference_mode():
        drawn = [network.sample(1, torch.Generator().manual_seed(n)) for n in range(MOST_SOUNDS)]
    return [one.clone() for one in drawn]


def _facts(instrument: Instrument) -> dict[str, Any]:
    return {
        "made_by": f"timbrel {timbrel.__version__}",
        "instrument": instrument.name,
        "fingerprint": instrument.fingerprint,
        "family": instrument.recipe.family,
        "recipe": instrument.recipe.name,
        "sample_rate": instrument.sample_rate,
        "length_samples": instrument.length_samples,
        "labels": list(instrument.labels),
    }
