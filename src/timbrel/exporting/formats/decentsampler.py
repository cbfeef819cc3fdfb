"""DecentSampler: an XML file beside a folder of samples, for the free plug-in of that name."""

from xml.etree import ElementTree

from timbrel.errors import SoundFileError
from timbrel.exporting.formats import Format
from timbrel.exporting.patch import Loop, Patch, Region

_CENTS = 100  # in a semitone, the unit of `tuning`


def write(patch: Patch) -> str:
    """Writes a patch as a .dspreset.

    Args:
        patch: The patch. There is no word for one-shots: they get a release as long as they are.

    Returns:
        The text of the file.

    Source:
        DecentSampler developers' guide, the groups element.

    Example:
        >>> one = Region("Samples/060.wav", 900, 60, 48, 72, tune_cents=-3, loop=Loop(100, 799))
        >>> text = write(Patch("bells & whistles", (one,)))
        >>> read(text, "bells", {"Samples/060.wav": 900}).regions[0] == one
        True
    """
    root = ElementTree.Element("DecentSampler", minVersion="1.0.0")
    groups = ElementTree.SubElement(root, "groups")
    group = ElementTree.SubElement(
        groups,
        "group",
        name=patch.name,
        ampVelTrack="1",
        pitchKeyTrack="0" if patch.one_shots else "1",
        release=f"{patch.release_s:g}",
    )
    for region in patch.regions:
        ElementTree.SubElement(group, "sample", _attributes(region))
    ElementTree.indent(root)
    return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def _attributes(region: Region) -> dict[str, str]:
    said = {
        "path": region.sample,
        "rootNote": str(region.root),
        "loNote": str(region.lowest),
        "hiNote": str(region.highest),
        "loVel": str(region.softest),
        "hiVel": str(region.loudest),
        "tuning": f"{region.tune_cents / _CENTS:g}",
        "loopEnabled": "false" if region.loop is None else "true",
    }
    if region.loop is not None:
        said |= {"loopStart": str(region.loop.start), "loopEnd": str(region.loop.end)}
    return said


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
    try:
        group = ElementTree.fromstring(text.partition("?>")[2])[0][0]
        regions = tuple(_read_region(sample.attrib, lengths) for sample in group)
        one_shots = {"0": True, "1": False}[group.attrib["pitchKeyTrack"]]
        return Patch(name, regions, float(group.attrib["release"]), one_shots)
    except (ElementTree.ParseError, IndexError, KeyError, ValueError) as error:
        raise SoundFileError(f"the preset of {name!r} does not read back ({error})") from None


def _read_region(said: dict[str, str], lengths: dict[str, int]) -> Region:
    looped = {"true": True, "false": False}[said["loopEnabled"]]
    return Region(
        said["path"],
        lengths[said["path"]],
        root=int(said["rootNote"]),
        lowest=int(said["loNote"]),
        highest=int(said["hiNote"]),
        softest=int(said["loVel"]),
        loudest=int(said["hiVel"]),
        tune_cents=round(float(said["tuning"]) * _CENTS),
        loop=Loop(int(said["loopStart"]), int(said["loopEnd"])) if looped else None,
    )


FORMAT = Format(
    title="DecentSampler, a free plug-in",
    source="DecentSampler developers' guide (Hilowitz 2020)",
    suffix=".dspreset",
    samples="Samples",
    write=write,
    read=read,
)
