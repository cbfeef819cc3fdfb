"""The page of a report: one HTML file that opens from a folder, with no script and no network."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from timbrel.evaluation import columns, sections
from timbrel.evaluation.comparison import Comparison
from timbrel.evaluation.markup import element, text
from timbrel.evaluation.pictures import HEIGHT, WIDTH, log_row
from timbrel.evaluation.results import Report
from timbrel.evaluation.sections_generated import generation
from timbrel.evaluation.sections_morphs import morphing
from timbrel.evaluation.sections_requirements import requiring, steered

AXIS_HZ = {100: "100 Hz", 1000: "1 kHz", 10_000: "10 kHz"}


@dataclass(frozen=True)
class Shown:
    """One sound on the page.

    Attributes:
        caption: What it is.
        sound: Path of its file, relative to the page.
        picture: Path of its spectrogram, relative to the page.
    """

    caption: str
    sound: str
    picture: str


@dataclass(frozen=True)
class ShownExample:
    """Sounds that stand side by side.

    Attributes:
        title: What they are.
        label: Their label.
        note: A line beneath.
        sounds: Each of them.
    """

    title: str
    label: str
    note: str
    sounds: tuple[Shown, ...]


def page(
    report: Report,
    reconstructed: Sequence[ShownExample],
    generated: Sequence[ShownExample],
    morphed: Sequence[ShownExample] = (),
) -> str:
    """Writes the page.

    Args:
        report: All numbers.
        reconstructed: Held-out sounds with their versions, to hear and see.
        generated: Generated sounds beside their nearest training sounds.
        morphed: Morphs in a row, beneath them the originals and their crossfade.

    Returns:
        HTML. Names and labels are escaped, and its policy lets it load nothing but the pictures
        and sounds beside it, and run nothing.
    """
    parts = [
        sections.reconstruction(report),
        listen("Held-out sounds and what came back", _RECONSTRUCTED, reconstructed, "four"),
        generation(report),
        listen("Generated sounds", _GENERATED, generated, "two"),
        requiring(report),
        steered(report),
        morphing(report),
        listen("Morphs beside crossfades", _MORPHED, morphed, "five"),
        sections.about(report),
    ]
    return whole(report.title, sections.subtitle(report), report.verdict, parts)


def comparison_page(
    found: Comparison, reconstructed: Sequence[ShownExample], generated: Sequence[ShownExample]
) -> str:
    """Writes the page of several instruments.

    Args:
        found: All numbers.
        reconstructed: Held-out sounds with what each instrument makes of them.
        generated: Real sounds beside what each instrument generates, label by label.

    Returns:
        HTML, as `page`.
    """
    parts = [
        *(columns.section(found, one) for one in found.sections),
        listen("The same held-out sounds, and what came back", _RECONSTRUCTED, reconstructed,
               "four"),
        listen("Generated sounds beside a real one", _BESIDE, generated, "four"),
        columns.about(found),
    ]  # fmt: skip
    return whole(found.title, columns.subtitle(found), found.verdict, parts)


def whole(title: str, subtitle: str, verdict: Sequence[str], parts: Sequence[str]) -> str:
    """Puts a page together, in the dress of all reports.

    Args:
        title: Of what; plain text.
        subtitle: A line beneath; plain text.
        verdict: What to know first, a sentence each; plain text.
        parts: Its sections, HTML.

    Returns:
        HTML with no script; its policy lets it load nothing but the files beside it.
    """
    style = _resource("report.css")
    return Template(_resource("report.html")).substitute(
        policy=text(_policy(style)),
        title=text(title),
        subtitle=text(subtitle),
        style=style,
        verdict="".join(element("p", _sentence(line)) for line in verdict),
        sections="\n".join(part for part in parts if part),
    )


_RECONSTRUCTED = (
    "Chosen by the seed, not by ear. Spectrograms are 80 dB deep, 0 dB is the original's maximum, "
    "and frequency rises logarithmically from 40 Hz to 20 kHz."
)
_GENERATED = (
    "The first ones of each label, not the best ones, each beside the training sound that is "
    "nearest to it. 0 dB is each sound's own maximum."
)
_MORPHED = (
    "The first pairs by the seed, not the best ones. Above the morph, beneath it the originals and "
    "a crossfade of the two reconstructions. 0 dB is each sound's own maximum."
)

_BESIDE = (
    "The first generated sound of each label, not the best one, beside the training sound that is"
    " nearest to the first instrument's. 0 dB is each sound's own maximum."
)


def _resource(name: str) -> str:
    return (files("timbrel.evaluation") / name).read_text(encoding="utf-8")


def _sentence(line: str) -> str:
    """Keeps numbers and their percent signs on one line."""
    return text(line).replace(" %", "&nbsp;%")


def _policy(style: str) -> str:
    """Nothing is allowed but files beside the page and this very style sheet."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
        "media-src 'self'; base-uri 'none'; form-action 'none'"
    )


def listen(title: str, note: str, examples: Sequence[ShownExample], layout: str) -> str:
    """Writes a section of sounds to hear and see.

    Args:
        title: Its heading; plain text.
        note: What to know of them; plain text.
        examples: The sounds, those of an example side by side.
        layout: "two", "four" or "five": how many stand in a row.

    Returns:
        Markup; none where there are no examples.
    """
    if not examples:
        return ""
    shown = "".join(_example(example, layout) for example in examples)
    box = element("div", shown, class_="pairs") if layout == "two" else shown
    heading = element("h2", text(title)) + element("p", text(note), class_="note")
    return element("section", heading + box)


def _example(example: ShownExample, layout: str) -> str:
    tag = element("span", text(example.label), class_="tag") if example.label else ""
    figures = "".join(_figure(shown) for shown in example.sounds)
    return element(
        "article",
        element("h3", text(example.title) + tag)
        + element("div", figures, class_=layout)
        + (element("p", text(example.note), class_="note") if example.note else ""),
        class_="example",
    )


def _figure(shown: Shown) -> str:
    """A spectrogram with its frequency lines, drawn over the picture, and the sound beneath."""
    box = f"0 0 {WIDTH} {HEIGHT}"
    image = element("image", "", href=shown.picture, width=str(WIDTH), height=str(HEIGHT))
    lines = "".join(_frequency_line(hz, name) for hz, name in AXIS_HZ.items())
    title = element("title", text(f"Spectrogram: {shown.caption}"))
    return element(
        "figure",
        element("svg", title + image + lines, viewBox=box, role="img")
        + element("figcaption", text(shown.caption))
        + element("audio", "", controls="", preload="none", src=shown.sound),
    )


def _frequency_line(hz: float, name: str) -> str:
    y = HEIGHT * log_row(hz)
    line = element("line", "", x1="0", x2=str(WIDTH), y1=f"{y:.1f}", y2=f"{y:.1f}")
    return line + element("text", text(name), x="4", y=f"{y - 3:.1f}")
