"""Reports and listening tests: what there is, and tests served while the studio runs."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from timbrel.errors import TimbrelError, UnknownNameError
from timbrel.studio.workbench import commands
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.common import readable
from timbrel.studio.workbench.models.judging import ReportInfo, Reports, TestInfo, Tests
from timbrel.studio.workbench.planning import TESTS
from timbrel.tasks import listen

PAGE, TOLD = "index.html", "report.json"
MOST_SENTENCES = 6
MOST_BYTES = 2**26  # of what a report tells of itself


def reports(bench: Bench) -> Reports:
    """Lists the reports.

    Args:
        bench: What the studio works with.

    Returns:
        The newest first.
    """
    root = bench.workspace.reports
    there = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    found = [_report(bench, path) for path in there if is_own(path) and (path / PAGE).is_file()]
    return Reports(reports=sorted(found, key=lambda report: -report.created_s))


def is_own(folder: Path) -> bool:
    """Says whether a report's folder lies where it stands, and its name can be an address.

    Args:
        folder: The folder.

    Returns:
        Whether it may be shown.
    """
    return not folder.is_symlink() and readable(folder.name) == folder.name


def _report(bench: Bench, folder: Path) -> ReportInfo:
    told = _json(folder / TOLD)
    verdict = told.get("verdict", [])
    sentences = verdict if isinstance(verdict, list) else [verdict]
    return ReportInfo(
        name=folder.name,
        title=str(told.get("title", folder.name)),
        created_s=(folder / PAGE).stat().st_mtime,
        address=f"/reports/{bench.secret}/{quote(folder.name)}/",
        verdict=[str(one) for one in sentences if isinstance(one, str)][:MOST_SENTENCES],
    )


def _json(path: Path) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def tests(bench: Bench) -> Tests:
    """Lists the listening tests.

    Args:
        bench: What the studio works with.

    Returns:
        Each with what its answers say so far.
    """
    found = []
    for name in _names(bench):
        try:
            found.append(_about(bench, name))
        except TimbrelError:
            continue  # a folder that is no test, or one that is being built
    return Tests(tests=found)


def _names(bench: Bench) -> list[str]:
    root = bench.workspace.root / TESTS
    if not root.is_dir():
        return []
    return sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))


def _folder(bench: Bench, name: str) -> Path:
    names = _names(bench)
    if name not in names:
        raise UnknownNameError("listening test", name, names)
    return bench.workspace.root / TESTS / name


def _about(bench: Bench, name: str) -> TestInfo:
    folder = _folder(bench, name)
    opened = listen.open_test(folder)
    people = opened.results.everybody()
    answers = sum(len(one.answers) for one in people)
    return TestInfo(
        name=name,
        title=opened.description.title,
        kind=opened.description.kind,
        items=len(opened.description.trials),
        listeners=len(people),
        answers=answers,
        findings=_findings(bench, folder, answers),
        address=bench.served.address(name),
        command=commands.shown(bench.workspace.root, ["listen", "serve", str(folder)]),
    )


def _findings(bench: Bench, folder: Path, answers: int) -> list[str]:
    if not answers:
        return []

    def told() -> list[str]:
        out = bench.workspace.reports / f"listening-{folder.name}"
        return list(listen.report(folder, out, force=True).verdict)

    return bench.shelf.get(("listening", folder.name), answers, told, lambda _: 1000)


def serve(bench: Bench, name: str) -> TestInfo:
    """Serves a listening test.

    Args:
        bench: What the studio works with.
        name: Its name.

    Returns:
        The test, with its address.

    Raises:
        UnknownNameError: When there is none.
    """
    bench.served.begin(name, listen.open_test(_folder(bench, name)))
    bench.events.changed("tests")
    return _about(bench, name)


def close(bench: Bench, name: str) -> TestInfo:
    """Ends the serving of a listening test.

    Args:
        bench: What the studio works with.
        name: Its name.

    Returns:
        The test.

    Raises:
        UnknownNameError: When there is none.
    """
    _folder(bench, name)
    bench.served.end(name)
    bench.events.changed("tests")
    return _about(bench, name)
