"""Arguments and options that several commands share, each described once."""

from pathlib import Path
from typing import Annotated

import typer

from timbrel.cli import completion

Instrument = Annotated[
    str,
    typer.Argument(
        metavar="INSTRUMENT",
        help="Name of the instrument, as `timbrel instruments` lists it.",
        autocompletion=completion.instruments,
    ),
]
OutFolder = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Folder for the sounds; it is made if need be."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace what is there already.", show_default=False)
]
Projection = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="How the sounds are laid out: umap and tsne keep neighbours together, pca is quick.",
        autocompletion=completion.projections,
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Argument(
        metavar="RECIPE",
        help="A recipe's name, as `timbrel recipes` lists it, or a file that ends in .toml.",
        autocompletion=completion.recipes,
    ),
]
NewInstrument = Annotated[
    str | None,
    typer.Option(metavar="INSTRUMENT", help="What the new instrument shall be called."),
]
Recordings = Annotated[
    list[Path] | None,
    typer.Option(
        "--sound",
        metavar="FILE",
        help="A recording to learn from, for recipes that need no library, such as single; more "
        "than once for several.",
    ),
]
Holes = Annotated[
    list[str] | None,
    typer.Option(
        "--hole",
        metavar="START,END",
        help="Where a hole of a recording begins and ends, in seconds; once for each.",
    ),
]
Origin = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="INSTRUMENT",
        help="Begin with the weights of an instrument that learned from another recording.",
        autocompletion=completion.instruments,
    ),
]
Minutes = Annotated[float | None, typer.Option(metavar="M", help="Minutes that training may take.")]
Steps = Annotated[
    int | None,
    typer.Option(metavar="N", help="Training steps at most; the recipe's own number if unsaid."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="key=value",
        help="Change a setting of the recipe, such as training.batch_size=32; more than once "
        "if you like.",
    ),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on with a training that was stopped.", show_default=False),
]
OnlyEstimate = Annotated[
    bool,
    typer.Option(
        "--estimate",
        help="Only say how much time, memory and disk it would take.",
        show_default=False,
    ),
]
KeepGroups = Annotated[
    bool,
    typer.Option(
        "--keep-groups",
        help="Hold out whole kits or instruments for judging, not single sounds of them.",
        show_default=False,
    ),
]
MaybeOutFolder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the sounds; it is made if need be."),
]
PhaseName = Annotated[
    str | None,
    typer.Option(
        "--phase",
        metavar="NAME",
        help="How magnitudes become a waveform: a phase method such as heap_integration, sources "
        "(the phases of the sounds themselves, of morph and reconstruct), or an instrument that "
        "finds phases; without it the instrument's own.",
        autocompletion=completion.phases,
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Work on a Ray cluster: HOST:PORT of its head, auto for the one this machine belongs "
        "to, or local to start Ray on this machine alone.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        help="With --cluster: how many processes share each batch; 1 if unsaid.",
    ),
]
