"""Instruments: what each is, its map, and the sounds that it makes at once."""

from fastapi import APIRouter

from timbrel.studio.workbench import maps, overview, playing
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.common import Projection, Reference, Seed
from timbrel.studio.workbench.models.instruments import (
    Copies,
    InstrumentDetail,
    Map,
    MorphWish,
    PathWish,
    PickWish,
    PlayWish,
)
from timbrel.studio.workbench.models.made import MadeNow, Picked
from timbrel.studio.workbench.routes import Named


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of instruments.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(prefix="/instruments", tags=["instruments"])

    @router.get("/{name}")
    def about(name: Named) -> InstrumentDetail:
        """Tells all about an instrument."""
        return overview.detail(bench, name)

    @router.get("/{name}/map")
    def whole(name: Named, projection: Projection = "umap", seed: Seed = 0) -> Map:
        """Gives the map of an instrument, where it is laid out."""
        return maps.whole(bench, name, projection=projection, seed=seed)

    @router.post("/{name}/pick", status_code=201)
    def pick(name: Named, wish: PickWish) -> Picked:
        """Makes the sound of points of the map, or of a mix."""
        return playing.pick(bench, name, wish)

    @router.post("/{name}/path", status_code=201)
    def path(name: Named, wish: PathWish) -> Picked:
        """Makes one sound of a way over the map."""
        return playing.path(bench, name, wish)

    @router.post("/{name}/play", status_code=201)
    def play(name: Named, wish: PlayWish) -> MadeNow:
        """Makes a few sounds, with the instrument's sliders as they are set."""
        return playing.play(bench, name, wish)

    @router.post("/{name}/morph", status_code=201)
    def morph(name: Named, wish: MorphWish) -> MadeNow:
        """Makes sounds between two to four sounds."""
        return playing.morph(bench, name, wish)

    @router.get("/{name}/copies")
    def copies(name: Named, sound: Reference) -> Copies:
        """Holds a sound against the recording that an instrument learned from."""
        return maps.copies(bench, name, sound)

    return router
