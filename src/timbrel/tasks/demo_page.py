"""The page of the demo: the map, the new sounds, the morph, and where to go on."""

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

_STYLE = """
:root { color-scheme: light dark; --ink: #22252b; --ground: #fbfaf7; --faint: #8a8780; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceae4; --ground: #15171c; --faint: #8b8f98; }
}
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1rem 4rem; color: var(--ink);
  background: var(--ground); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.4rem; }
img { max-width: 100%; border-radius: 6px; }
a { color: inherit; } code { font-size: .9em; }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: .8rem;
  list-style: none; padding: 0; }
li span { display: block; color: var(--faint); font-size: .85rem; }
audio { width: 100%; height: 2.2rem; }
"""


@dataclass(frozen=True)
class DemoResult:
    """What the demo made.

    Attributes:
        folder: Where all of it lies.
        workspace: The workspace in it, to go on with.
        page: The page that shows it all.
        map_picture: The map as a picture.
        map_page: The map as a page that plays.
        report_page: How good the instrument is.
        sounds: The new sounds.
        morph: The steps from a kick to a snare.
        picked: The sound of the map's middle.
        instrument: The instrument's name in the workspace.
        verdict: What training says of itself.
        made_before: What an earlier run had made and this one kept, in a user's words.
    """

    folder: Path
    workspace: Path
    page: Path
    map_picture: Path
    map_page: Path
    report_page: Path
    sounds: list[Path]
    morph: list[Path]
    picked: Path
    instrument: str
    verdict: str
    made_before: list[str]


def page_of(made: DemoResult) -> str:
    """Writes the page; it lies in the demo's folder and needs no server.

    Args:
        made: What the demo made.

    Returns:
        HTML.
    """
    picture, plays, report = (
        _link(made, path) for path in (made.map_picture, made.map_page, made.report_page)
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>timbrel: the demo</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>What timbrel made of its own sounds</h1>
<p>{escape(made.verdict)}</p>
<h2>The map</h2>
<p>Each point is a sound that the instrument learned from; what sounds alike lies together.
<a href="{plays}">Open the map that plays</a>.</p>
<p><a href="{plays}"><img src="{picture}" alt="Map of the sounds"></a></p>
<h2>New sounds</h2>
{_players(made, made.sounds)}
<h2>From a kick to a snare</h2>
{_players(made, made.morph)}
<h2>The middle of the map</h2>
{_players(made, [made.picked])}
<h2>How good is it?</h2>
<p><a href="{report}">The report</a> has the numbers, with sounds and spectrograms side by side.</p>
<h2>Your own sounds</h2>
<p><code>timbrel scan FOLDER</code>, then
<code>timbrel train one-shot --name mine --minutes 20</code>.</p>
</body>
</html>
"""


def _link(made: DemoResult, path: Path) -> str:
    """A relative link, so that the folder can be moved."""
    relative = os.path.relpath(path, made.folder)
    return quote(Path(relative).as_posix())


def _players(made: DemoResult, paths: list[Path]) -> str:
    items = [
        f'<li><span>{escape(path.stem)}</span><audio controls preload="none" '
        f'src="{_link(made, path)}"></audio></li>'
        for path in paths
    ]
    return "<ol>\n" + "\n".join(items) + "\n</ol>"
