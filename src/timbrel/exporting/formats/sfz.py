"""SFZ: a text file that most samplers open, beside a folder of samples."""

from collections.abc import Iterator

from timbrel.errors import SoundFileError
from timbrel.exporting.formats import Format
from timbrel.exporting.patch import Loop, Patch, Region

_FLAGS = {"one_shot": True, "no_loop": False}


def write(patch: Patch) -> str:
    """Writes a patch as SFZ: one opcode a line, so that blanks in names do no harm.

    Args:
        patch: The patch.

    Returns:
        The text of the file.

    Source:
        sfzformat.com, opcodes of SFZ 1, which every player knows.

    Example:
        >>> one = Region("samples/060.wav", 900, 60, 48, 72, tune_cents=-3, loop=Loop(100, 799))
        >>> text = write(Patch("bells", (one,)))
        >>> read(text, "bells", {"samples/060.wav": 900}).regions[0] == one
        True
    """
    mode = "one_shot" if patch.one_shots else "no_loop"
    head = [f"// {patch.name}", "<global>", f"loop_mode={mode}"]
    head += [f"ampeg_release={patch.release_s:g}"]
    head += ["pitch_keytrack=0"] if patch.one_shots else []
    return "\n".join([*head, *(line for one in patch.regions for line in _region(one))]) + "\n"


def _region(region: Region) -> Iterator[str]:
    yield "<region>"
    yield f"sample={region.sample}"
    yield f"lokey={region.lowest}"
    yield f"hikey={region.highest}"
    yield f"lovel={region.softest}"
    yield f"hivel={region.loudest}"
    yield f"pitch_keycenter={region.root}"
    yield f"tune={region.tune_cents}"
    if region.loop is not None:
        yield "loop_mode=loop_continuous"
        yield f"loop_start={region.loop.start}"
        yield f"loop_end={region.loop.end}"


def read(text: str, name: str, lengths: dict[str, int]) -> Patch:
    """Reads what `write` writes.

    Args:
        text: The text of the file.
        name: What the patch is called.
        lengths: How long each sample is, by its path.

    Returns:
        The patch.

    Raises:
        SoundFileError: When the text says anything else, or names a sample that is not there.
    """
    heads = list(_heads(text))
    if not heads or heads[0][0] != "global" or any(head != "region" for head, _ in heads[1:]):
        raise SoundFileError(f"the SFZ file of {name!r} does not read back")
    try:
        regions = tuple(_read_region(said, lengths) for _, said in heads[1:])
        return Patch(
            name, regions, float(heads[0][1]["ampeg_release"]), _FLAGS[heads[0][1]["loop_mode"]]
        )
    except (KeyError, ValueError) as error:
        raise SoundFileError(f"the SFZ file of {name!r} does not read back ({error})") from None


def _heads(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each header with the opcodes that stand below it."""
    opcodes: dict[str, str] = {}
    header = ""
    for line in text.splitlines():
        if line.startswith("<"):
            yield from [(header, opcodes)] if header else []
            header, opcodes = line.strip("<>"), {}
        elif not line.startswith("//"):
            opcode, _, value = line.partition("=")
            opcodes[opcode] = value
    yield header, opcodes


def _read_region(said: dict[str, str], lengths: dict[str, int]) -> Region:
    loop = None
    if said.get("loop_mode") == "loop_continuous":
        loop = Loop(int(said["loop_start"]), int(said["loop_end"]))
    return Region(
        said["sample"],
        lengths[said["sample"]],
        root=int(said["pitch_keycenter"]),
        lowest=int(said["lokey"]),
        highest=int(said["hikey"]),
        softest=int(said["lovel"]),
        loudest=int(said["hivel"]),
        tune_cents=int(said["tune"]),
        loop=loop,
    )


FORMAT = Format(
    title="SFZ, which most samplers open",
    source="sfzformat.com, SFZ 1 (Cakewalk 2004)",
    suffix=".sfz",
    samples="samples",
    write=write,
    read=read,
)
