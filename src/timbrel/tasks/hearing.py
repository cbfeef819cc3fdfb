"""Where an instrument places sounds of a library: heard on this machine, or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import SoundFileError
from timbrel.instruments import folder
from timbrel.instruments.instrument import Instrument
from timbrel.library.rows import reason_of
from timbrel.library.streaming import check_seen, streamed
from timbrel.progress import Progress, Report
from timbrel.tasks.cluster import connected
from timbrel.tasks.sounds import heard_part

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Asked:
    """A sound, or a piece of one, that an instrument shall place.

    Attributes:
        path: Its file.
        id: The id of the sound or piece.
    """

    path: Path
    id: str


Heard = NDArray[np.float32] | str  # the latent, [Z], or why the sound cannot be heard
Hear = Callable[[Sequence[Asked]], Iterator[Heard]]


def heard(instrument: Instrument, asked: Asked) -> Heard:
    """Places one sound.

    Args:
        instrument: Who hears it.
        asked: The sound.

    Returns:
        Its latent, [Z], or the reason why there is none.
    """
    try:
        sound = heard_part(instrument, asked.path, asked.id)
        latent: NDArray[np.float32] = instrument.encode(instrument.fit(sound))[0][0].numpy()
        return latent
    except SoundFileError as error:
        return reason_of(error, asked.path)


def here(instrument: Instrument, some: Sequence[Asked]) -> Iterator[Heard]:
    """Places sounds on this machine, one after the other.

    Args:
        instrument: Who hears them.
        some: The sounds.

    Yields:
        A latent or a reason for each.
    """
    for asked in some:
        yield heard(instrument, asked)


@contextmanager
def listening(
    instrument: Instrument, place: Path, cluster: str | None, report: Report
) -> Iterator[Hear]:
    """Gives what hears sounds for as long as a block runs.

    Args:
        instrument: Who hears.
        place: The instrument's folder, which all machines of a cluster must see.
        cluster: The address of a Ray cluster; None hears on this machine.
        report: Where progress goes.

    Yields:
        A function from sounds to what was heard of each, in their order.

    Raises:
        TimbrelError: When the cluster cannot be reached.
    """
    if cluster is None:
        yield partial(here, instrument)
        return
    report(Progress("reaching the cluster", 0, 0))
    with connected(cluster):
        yield partial(there, place.resolve())


class Listener:
    """An instrument that hears wherever Ray has put it; it is opened once.

    Args:
        place: The instrument's folder.
    """

    def __init__(self, place: Path) -> None:
        self.instrument = folder.open_instrument(place)

    def __call__(self, sounds: "pa.Table") -> "pa.Table":
        """Hears some sounds.

        Args:
            sounds: A table with the columns ``path`` and ``id``.

        Returns:
            A table with the columns ``latent`` and ``reason``, one of them empty in each row.
        """
        import pyarrow as pa

        asked = [Asked(Path(row["path"]), row["id"]) for row in sounds.to_pylist()]
        found = [heard(self.instrument, one) for one in asked]
        return pa.table(
            {
                "latent": pa.array(
                    [None if isinstance(one, str) else one.tolist() for one in found],
                    pa.list_(pa.float32()),
                ),
                "reason": pa.array([one if isinstance(one, str) else "" for one in found]),
                "there": pa.array([one.path.exists() for one in asked]),
            }
        )


def there(place: Path, some: Sequence[Asked]) -> Iterator[Heard]:
    """Places sounds on the cluster that Ray is connected to, in blocks that stream through it.

    Args:
        place: The instrument's folder.
        some: The sounds, which all machines must see under the same path.

    Yields:
        A latent or a reason for each, in their order.

    Raises:
        LibraryError: When a machine of the cluster does not see a file that is there, or Ray
            itself cannot go on.
    """
    for asked, row in streamed(some, _named, Listener, [place]):
        check_seen(asked.path, there=row["there"])
        yield row["reason"] or np.asarray(row["latent"], np.float32)


def _named(some: Sequence[Asked]) -> "pa.Table":
    import pyarrow as pa

    return pa.table({"path": [str(one.path) for one in some], "id": [one.id for one in some]})
