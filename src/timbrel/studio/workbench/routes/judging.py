"""Reports and listening tests."""

from fastapi import APIRouter

from timbrel.studio.workbench import judging
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.judging import Reports, TestInfo, Tests
from timbrel.studio.workbench.routes import Named


def routes(bench: Bench) -> APIRouter:
    """Gives the routes of reports and listening tests.

    Args:
        bench: What the studio works with.

    Returns:
        The routes.
    """
    router = APIRouter(tags=["judging"])

    @router.get("/reports")
    def reports() -> Reports:
        """Lists the reports."""
        return judging.reports(bench)

    @router.get("/tests")
    def tests() -> Tests:
        """Lists the listening tests, each with what its answers say so far."""
        return judging.tests(bench)

    @router.post("/tests/{name}/serve")
    def serve(name: Named) -> TestInfo:
        """Serves a listening test, on a port of its own, until the studio ends."""
        return judging.serve(bench, name)

    @router.post("/tests/{name}/close")
    def close(name: Named) -> TestInfo:
        """Ends the serving of a listening test; its answers stay."""
        return judging.close(bench, name)

    return router
