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
        help="How the sounds are laid out: umap keeps neighbours together, pca is plain and quick.",
        autocompletion=completion.projections,
    ),
]
