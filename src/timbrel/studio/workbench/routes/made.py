"""The history: every sound that was made, and the packs that are taken away."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response

from timbrel.studio.workbench import packs, playing
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.common import Id
from timbrel.studio.workbench.models.made import (
    Ids,
    Made,
    MadeAgain,
    MadeChange,
    MadeSounds,
    Pack,
    PackWish,
    Renaming,
)


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of the history.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(tags=["made"])

    @router.get("/made")
    def listed(
        start: Annotated[int, Query(ge=0, le=10**9)] = 0,
        count: Annotated[int, Query(ge=1, le=1000)] = 100,
        words: Annotated[str, Query(max_length=200)] = "",
        only: Literal["all", "starred", "kept", "rejected"] = "all",
        order: Literal["newest", "name", "duration", "distance"] = "newest",
        instrument: Annotated[str, Query(max_length=120)] = "",
    ) -> MadeSounds:
        """Gives some of what was made: all, what is starred, or all but what is rejected."""
        return bench.history.listed(
            start=start, count=count, words=words, only=only, order=order, instrument=instrument
        )

    @router.get("/made/{name}")
    def one(name: Id) -> Made:
        """Tells of one sound."""
        return bench.history.one(name)

    @router.patch("/made/{name}")
    def change(name: Id, wish: MadeChange) -> Made:
        """Stars, rejects or renames a sound."""
        return bench.history.change(name, wish)

    @router.post("/made/rename")
    def rename(wish: Renaming) -> MadeSounds:
        """Renames many sounds by a pattern."""
        return bench.history.rename(wish)

    @router.post("/made/delete", status_code=204)
    def delete(wish: Ids) -> None:
        """Deletes sounds that were made; they can be made again from their commands."""
        bench.history.delete(wish.ids)

    @router.post("/made/{name}/again", status_code=201)
    def again(name: Id) -> MadeAgain:
        """Makes a sound once more, and says whether it is the same."""
        return playing.again(bench, name)

    @router.post("/packs", status_code=201)
    def pack(wish: PackWish) -> Pack:
        """Puts sounds into a pack, with instruments for samplers, a card and their provenance."""
        return packs.make(bench, wish)

    @router.get("/packs/{name}", response_class=Response, responses=packs.ANSWERS)
    def download(name: Id) -> FileResponse:
        """Gives a pack."""
        return packs.answer(bench, name)

    return router
