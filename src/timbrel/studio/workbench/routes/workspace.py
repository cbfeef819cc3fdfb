"""The workspace as a whole, its jobs, and what happens in it."""

from fastapi import APIRouter, WebSocket

from timbrel.studio.workbench import overview, planning
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.common import Id
from timbrel.studio.workbench.models.wishes import Wish
from timbrel.studio.workbench.models.workspace import Job, Jobs, State


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of the workspace.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(tags=["workspace"])

    @router.get("/state")
    def state() -> State:
        """Tells what there is: library, instruments, how much was made."""
        return overview.state(bench)

    @router.get("/jobs")
    def jobs() -> Jobs:
        """Lists the jobs, the newest first."""
        return Jobs(jobs=bench.jobs.all())

    @router.post("/jobs", status_code=201)
    def begin(wish: Wish) -> Job:
        """Asks for a long piece of work; it waits until those before it are done."""
        return planning.begin(bench, wish)

    @router.get("/jobs/{name}")
    def job(name: Id) -> Job:
        """Tells of one job."""
        return bench.jobs.one(name)

    @router.post("/jobs/{name}/cancel")
    def cancel(name: Id) -> Job:
        """Stops a job; what was done is kept."""
        return bench.jobs.cancel(name)

    @router.post("/jobs/{name}/resume")
    def resume(name: Id) -> Job:
        """Goes on with a job that was stopped or that failed."""
        return bench.jobs.resume(name)

    @router.delete("/jobs/{name}", status_code=204)
    def forget(name: Id) -> None:
        """Takes a job that has ended off the list; what it made stays."""
        bench.jobs.forget(name)

    @router.websocket("/events")
    async def events(socket: WebSocket) -> None:
        """Tells of jobs and of changes as they happen."""
        await bench.events.serve(socket)

    return router
