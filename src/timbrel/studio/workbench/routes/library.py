"""The library: its table, its labels, search, and the files that are brought to it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from timbrel.studio.workbench import finding, labelling, sounds, uploads
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.common import Label, Reference
from timbrel.studio.workbench.models.library import (
    Labelled,
    Labelling,
    LibrarySounds,
    Likeness,
    Matches,
    Neighbours,
    Order,
    Peaks,
    RefusedFiles,
    Undoing,
    Uploads,
)

MOST_ROWS = 1000


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of the library and of all sounds.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(tags=["library"])

    @router.get("/library/sounds")
    def listed(
        words: Annotated[str, Query(max_length=200)] = "",
        label: Label | None = None,
        order: Order = "name",
        down: bool = False,
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 200,
    ) -> LibrarySounds:
        """Gives some rows of the table of sounds."""
        return finding.listed(
            bench, words=words, label=label, order=order, down=down, start=start, count=count
        )

    @router.get("/library/refused")
    def refused(
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 200,
    ) -> RefusedFiles:
        """Lists files that could not be used, and why."""
        return finding.refused(bench, start=start, count=count)

    @router.post("/library/labels")
    def relabel(wish: Labelling) -> Labelled:
        """Gives sounds another label."""
        return labelling.relabel(bench, wish)

    @router.post("/library/labels/undo")
    def undo_labels(wish: Undoing) -> Labelled:
        """Gives sounds the labels back that they had."""
        return labelling.undo(bench, wish.undo)

    @router.post("/search")
    def search(wish: Likeness) -> Matches:
        """Finds the library's sounds that sound like one."""
        return finding.alike(bench, wish)

    @router.post("/uploads", status_code=201, openapi_extra=uploads.BODY)
    async def upload(request: Request) -> Uploads:
        """Takes files in: each is read by a process of its own, and kept if it is a sound."""
        return await uploads.take(bench, request)

    @router.get("/sounds/{sound}", response_class=Response, responses=sounds.ANSWERS)
    def sound(
        sound: Reference,
        download: bool = False,
        kind: Annotated[str, Query(pattern="^(as-is|wav|flac)$")] = "as-is",
    ) -> Response:
        """Gives a sound, or a range of its bytes."""
        return sounds.answer(bench, sound, kind=kind, download=download)

    @router.get("/sounds/{sound}/peaks")
    def peaks(sound: Reference, count: Annotated[int, Query(ge=1, le=4000)] = 200) -> Peaks:
        """Gives the outline of a sound, to be drawn."""
        return sounds.peaks(bench, sound, count)

    @router.get("/sounds/{sound}/neighbours")
    def neighbours(sound: Reference, count: Annotated[int, Query(ge=1, le=50)] = 8) -> Neighbours:
        """Finds the library's sounds nearest to one, and whether it is a copy of one of them."""
        return finding.neighbours(bench, sound, count)

    return router
