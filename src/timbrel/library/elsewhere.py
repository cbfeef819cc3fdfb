"""A library whose table lies in a store of objects (S3 and the like) and not in the workspace.

The folder of the library then holds no table but `elsewhere.json`, which says where it lies. Keys
to the store are never written down: the database finds them where the programs of such stores look
for them (`AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT`, a profile, the role of a machine).
"""

import json
import re
from pathlib import Path

from timbrel import atomic
from timbrel.errors import ExistsError, LibraryError, UsageError, reason_line

SCHEMES = ("s3", "gs", "az")
NOTE = "elsewhere.json"
_ACCEPTED = "s3://BUCKET/PLACE, gs://BUCKET/PLACE or az://CONTAINER/PLACE"
_PLACE = re.compile(rf"({'|'.join(SCHEMES)})://[A-Za-z0-9._-]+(/[A-Za-z0-9._=-]+)+")
_LONGEST = 160
_LONGEST_NOTE_BYTES = 4096
_ADDRESS = re.compile(r"\w+://\S+")  # that of a store may hold a password
# What the database's long texts hold at their core, the plainest first. None of it holds a key.
_CORES = (
    re.compile(r"<Code>(\w{1,60})</Code>"),
    re.compile(r'(?:message|error): \\*"([^"\\]+)'),
    re.compile(r"(status: \d+)"),
)
_SILENCE = "Error performing"  # and no more of it


def checked(address: str) -> str:
    """Checks where a table shall lie.

    Args:
        address: What a person typed.

    Returns:
        The address, without a slash at its end.

    Raises:
        UsageError: When it is no place in a store of objects, or holds keys.

    Example:
        >>> checked("s3://sounds/drums/")
        's3://sounds/drums'
    """
    there = address.rstrip("/")
    if re.search("[@?]|:.*:", there):  # not shown: it may be a key
        raise UsageError(
            "a catalogue with @, ? or a second : in its address",
            _ACCEPTED,
            "give keys by the environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    if not _PLACE.fullmatch(there) or {".", ".."} & {*there.split("/")}:
        raise UsageError(f"the catalogue {address!r}", f"{_ACCEPTED}, of letters, digits and ._-=")
    return there


def address_of(folder: Path) -> str | None:
    """Tells where the table of a library lies.

    Args:
        folder: The library's folder.

    Returns:
        Its address in a store of objects; None where it lies in the folder, or there is none.

    Raises:
        LibraryError: When the note about it is damaged.

    Example:
        >>> address_of(Path("nowhere")) is None
        True
    """
    note = folder / NOTE
    try:
        with note.open("rb") as file:
            told = json.loads(file.read(_LONGEST_NOTE_BYTES))
        if not isinstance(told, dict) or not isinstance(told.get("catalogue"), str):
            raise ValueError("no address in it")
        return checked(told["catalogue"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, UsageError) as error:
        raise LibraryError(
            f"{note} cannot be used ({reason_line(error)})",
            advice="scan with --catalogue again once it is out of the way",
        ) from None


def check_free(folder: Path, address: str) -> None:
    """Sees that the table of a library may lie at an address.

    Args:
        folder: The library's folder; it need not be there.
        address: Where, as `checked` gives it.

    Raises:
        ExistsError: When the library lies somewhere else already.
        LibraryError: When the note about it is damaged.
    """
    now = address_of(folder)
    if now not in (None, address) or (now is None and any(folder.glob("*.lance"))):
        raise ExistsError(
            f"the library in {folder} lies {f'at {now}' if now else 'in that folder'} already",
            advice="leave --catalogue out, or choose another --workspace"
            + (f"; {folder / NOTE} holds the address" if now else ""),
        )


def note(folder: Path, address: str) -> None:
    """Says where the table of a library lies from now on.

    Args:
        folder: The library's folder; made where there is none.
        address: Where, as `checked` gives it.

    Raises:
        LibraryError: When it cannot be noted down.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.write_text(folder / NOTE, json.dumps({"catalogue": address}) + "\n")
    except OSError as error:
        raise LibraryError(f"cannot write {folder / NOTE} ({error.strerror or error})") from None


def core(error: BaseException) -> str:
    """Finds what went wrong in what the database says of a store, which fills half a page.

    Args:
        error: What it raised.

    Returns:
        A few words; of the store's answer only its code, which holds no key.

    Example:
        >>> core(ValueError('IO { Http { kind: Connect, Os { message: "Connection refused" } } }'))
        'Connection refused'
    """
    text = _ADDRESS.sub("…", str(error))
    found = next((hit[1] for core in _CORES if (hit := core.search(text))), None)
    if found is None and _SILENCE in text:
        return "the store does not answer"
    return found[:_LONGEST] if found else reason_line(ValueError(text))
