"""`sliders.json`: the sliders of an instrument in its folder, checked before they are believed."""

import json
from pathlib import Path

from pydantic import ValidationError

from timbrel import atomic
from timbrel.errors import InstrumentError
from timbrel.instruments import document
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.sliders import AGAIN, FORMAT_VERSION, Sliders, check_fit


def read(folder: Path, instrument: Instrument, *, latent_size: int) -> Sliders | None:
    """Reads the sliders of an instrument.

    Args:
        folder: The instrument folder.
        instrument: The instrument in it.
        latent_size: Z.

    Returns:
        Its sliders; None where none were found yet.

    Raises:
        InstrumentError: When the file is damaged, another instrument's, or of a newer timbrel.
    """
    path = folder / document.SLIDERS
    if not path.exists() and not path.is_symlink():
        return None
    sliders = parsed(document.read_text(folder, document.SLIDERS), path)
    check_fit(sliders, fingerprint=instrument.fingerprint, latent_size=latent_size)
    return sliders


def parsed(text: str, path: Path) -> Sliders:
    """Checks the content of a file.

    Args:
        text: The content.
        path: Where it comes from, for messages.

    Returns:
        The sliders.

    Raises:
        InstrumentError: When it is not what `write` writes.
    """
    try:
        table = json.loads(text)
        version = table.get("format_version") if isinstance(table, dict) else None
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise InstrumentError(
                f"{path} has format version {version}",
                f"versions up to {FORMAT_VERSION}",
                "it was made by a newer timbrel: upgrade timbrel, or " + AGAIN,
            )
        sliders = Sliders.model_validate(table)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InstrumentError(
            f"{path} is damaged at {where!r} ({fault['msg'].lower()})", advice=AGAIN
        ) from None
    except (ValueError, RecursionError) as error:
        raise InstrumentError(f"{path} is damaged ({error})", "JSON", AGAIN) from None
    return sliders


def write(folder: Path, sliders: Sliders) -> None:
    """Writes the sliders of an instrument into its folder, whole or not at all.

    Args:
        folder: The instrument folder.
        sliders: Its sliders.

    Raises:
        InstrumentError: When they cannot be written.
    """
    text = json.dumps(sliders.model_dump(mode="json"), ensure_ascii=False, allow_nan=False)
    try:
        atomic.write_text(folder / document.SLIDERS, text + "\n")
    except OSError as error:
        reason = error.strerror or error
        raise InstrumentError(f"cannot write {folder / document.SLIDERS} ({reason})") from None
