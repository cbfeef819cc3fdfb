"""The workspace: one folder that holds a library, its instruments, maps, renders and reports."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.errors import LibraryError, NoLibraryError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from timbrel.library.catalogue import Catalogue
    from timbrel.tasks.shelf import Shelf

LONGEST_NAME_BYTES = 80
_MARKS = " -_+."
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)


@dataclass(frozen=True)
class Workspace:
    """Where everything of one person's project lies.

    Attributes:
        root: The folder; it need not exist yet.
        shelf: Where instruments and layouts stay open; None opens them each time.

    Example:
        >>> Workspace(Path("beats")).instrument_folder("drums").as_posix()
        'beats/instruments/drums'
    """

    root: Path
    shelf: "Shelf | None" = field(default=None, compare=False, repr=False)

    @property
    def library(self) -> Path:
        """The catalogue of the person's sounds."""
        return self.root / "library"

    @property
    def instruments(self) -> Path:
        """One folder an instrument."""
        return self.root / "instruments"

    @property
    def maps(self) -> Path:
        """Maps as they were laid out."""
        return self.root / "maps"

    @property
    def renders(self) -> Path:
        """Sounds that were made, where no other folder is asked for."""
        return self.root / "renders"

    @property
    def reports(self) -> Path:
        """Reports, one folder each."""
        return self.root / "reports"

    @property
    def cache(self) -> Path:
        """What can be made again: prepared sounds."""
        return self.root / "cache"

    @property
    def studio(self) -> Path:
        """What the studio keeps: its jobs, what was brought to it, and its history."""
        return self.root / "studio"

    def instrument_folder(self, name: str) -> Path:
        """Says where an instrument of this name shall stand.

        Args:
            name: Letters and digits of any script, blanks and ``- _ + .``; at most 80 bytes.

        Returns:
            Its folder, which may not exist.

        Raises:
            UsageError: When the name is none that every system can keep.
        """
        return self.instruments / checked_name(name)

    def training_folder(self, name: str) -> Path:
        """Says where a training keeps its files until it has ended.

        Args:
            name: The name of the instrument to be.

        Returns:
            A hidden folder beside the instrument's.

        Raises:
            UsageError: When the name is none that every system can keep.
        """
        return self.instruments / f".{checked_name(name)}.training"

    def existing_instrument(self, name: str) -> Path:
        """Finds an instrument.

        Args:
            name: Its name.

        Returns:
            Its folder.

        Raises:
            UnknownNameError: When there is none of that name.
        """
        names = self.instrument_names()
        for spelling in (name, unicodedata.normalize("NFC", name)):
            if spelling in names:
                return self.instruments / spelling
        advice = "" if names else "make one with `timbrel train RECIPE --name NAME`"
        raise UnknownNameError("instrument", name, names, advice)

    def instrument_names(self) -> list[str]:
        """Lists the instruments.

        Returns:
            Their names in alphabetical order, damaged ones among them.
        """
        if not self.instruments.is_dir():
            return []
        folders = (path for path in self.instruments.iterdir() if path.is_dir())
        return sorted(path.name for path in folders if not path.name.startswith("."))


def checked_name(name: str) -> str:
    """Checks a name that becomes a folder.

    Args:
        name: What a person typed.

    Returns:
        The name, in Unicode's composed form, so that it is found again however it is typed.

    Raises:
        UsageError: When it is empty, too long, hides itself, or holds what some system forbids.

    Example:
        >>> checked_name("Große Trommeln 2")
        'Große Trommeln 2'
    """
    name = unicodedata.normalize("NFC", name)
    fits = all(mark.isalnum() or mark in _MARKS for mark in name)
    short = 0 < len(name.encode(errors="replace")) <= LONGEST_NAME_BYTES
    whole = short and name == name.strip(" .")
    if not fits or not whole or name.split(".")[0].lower() in _RESERVED:
        raise UsageError(
            f"the name {name!r}",
            f"letters, digits, blanks and - _ + . up to {LONGEST_NAME_BYTES} bytes, "
            "without a blank or dot at its ends",
        )
    return name


def open_library(
    workspace: Workspace, create: bool = False, address: str | None = None
) -> "Catalogue":
    """Opens the library of a workspace.

    Args:
        workspace: The workspace.
        create: Whether to make an empty one where there is none.
        address: With `create`: where in a store of objects its table shall lie; None for where it
            lies already, or else in the workspace.

    Returns:
        The catalogue.

    Raises:
        NoLibraryError: When there is none.
        LibraryError: When it is damaged, or in a store that does not answer.
        ExistsError: When it shall lie at an address and lies somewhere else already.
    """
    from timbrel.library.catalogue import open_catalogue

    if create:
        if address is None:
            mark(workspace)
    elif not workspace.library.is_dir():
        raise NoLibraryError(
            f"no library in {workspace.root}", advice="run `timbrel scan FOLDER` first"
        )
    catalogue = open_catalogue(workspace.library, create=create, address=address)
    if address is not None:
        mark(workspace)  # no sooner: an address may be a slip of the pen
    return catalogue


def mark(workspace: Workspace) -> None:
    """Makes and marks the folder, so that a scan around it does not take renders for sounds.

    Args:
        workspace: The workspace.

    Raises:
        LibraryError: When it cannot be made.
    """
    from timbrel.library.readers.folder import WORKSPACE_MARK

    try:
        workspace.root.mkdir(parents=True, exist_ok=True)
        (workspace.root / WORKSPACE_MARK).touch()
    except OSError as error:
        raise LibraryError(
            f"cannot make the workspace {workspace.root} ({error.strerror or error})",
            "a folder that can be written to",
            "choose another with --workspace",
        ) from None
