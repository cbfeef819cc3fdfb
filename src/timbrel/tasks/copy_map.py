"""Copy map: which moments of a sound are moments of the recording that an instrument learned."""

from pathlib import Path

from timbrel.evaluation.originality import originals
from timbrel.evaluation.originality.copy_maps import CopyMap
from timbrel.evaluation.originality.originals import Original
from timbrel.instruments.instrument import Instrument
from timbrel.signal import files
from timbrel.tasks.instruments import open_named
from timbrel.tasks.judge_originality import audible, takes_of
from timbrel.tasks.workspace import Workspace

LONGEST_S = 120.0  # of a sound; what comes after is not held against the recording
ORIGINAL_BYTES = 64 * 2**20


def copy_map(
    workspace: Workspace, name: str, sound: Path, *, seed: int = 0, device: str = "cpu"
) -> CopyMap:
    """Holds a sound against the recording that an instrument learned from.

    Args:
        workspace: The workspace.
        name: An instrument that learned from a recording.
        sound: The sound file, such as a render of it.
        seed: Seed of what tells copies from chance.
        device: Where the network lives.

    Returns:
        The counterpart of each moment, and which are copied; see
        `timbrel.evaluation.originality.copy_maps.CopyMap`.

    Raises:
        UnknownNameError: When there is no such instrument.
        AbilityError: When it did not learn from a recording.
        SoundFileError: When the sound cannot be read.
        UsageError: When it is shorter than half a second.
    """
    instrument = open_named(workspace, name, device)
    held = _original(workspace, instrument, seed)
    heard = audible(files.read(sound, duration_s=LONGEST_S))
    return originals.held_against(held, heard).maps[0]


def _original(workspace: Workspace, instrument: Instrument, seed: int) -> Original:
    def opened() -> Original:
        heard = [audible(one) for one in takes_of(instrument).sounds]
        return originals.original(heard, sample_rate=heard[0].sample_rate, seed=seed)

    if workspace.shelf is None:
        return opened()
    key = ("original", instrument.name, str(seed))
    return workspace.shelf.get(key, instrument.fingerprint, opened, lambda _: ORIGINAL_BYTES)
