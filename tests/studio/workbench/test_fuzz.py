"""Requests of every shape that the API's own description allows, and of many that it forbids."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from conftest import PAGE, PORT
from timbrel.studio.workbench import limits
from timbrel.studio.workbench.app import make_app
from timbrel.studio.workbench.bench import Bench

EXAMPLES = int(os.environ.get("TIMBREL_FUZZ", "4"))  # of each operation
TOLD = "TIMBREL_FUZZ_TOLD"  # a file for what was asked and answered
CHECKS = [not_a_server_error, response_schema_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
REFERENCE = re.compile("(library|made|upload|training):[0-9a-z-]{1,64}")


@pytest.fixture(scope="module")
def api(shared: Bench) -> Iterator[Any]:
    """The description; jobs only queue up here, for nobody has started their list."""
    guarded = make_app(shared, port=PORT, page=PAGE)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            others = [one for one in scope["headers"] if one[0] != b"host"]
            scope = {**scope, "headers": [*others, (b"host", f"127.0.0.1:{PORT}".encode())]}
        await guarded(scope, receive, send)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BUCKETS", ())
        found = schemathesis.openapi.from_asgi("/api/openapi.json", app)
        there = There(shared)

        def map_case(_context: Any, case: Any) -> Any:
            return there.case(case)

        found.hook(map_case)
        yield found


class There:
    """Lets most requests name what there is, so that they come further than the door."""

    def __init__(self, bench: Bench) -> None:
        table = bench.table()
        self._bench = bench
        self._library = [f"library:{id_}" for id_ in table.ids(table.find())]

    def case(self, case: Any) -> Any:
        name = str(case.path_parameters.get("name", ""))
        if case.path.startswith("/api/made/{name}"):
            case.path_parameters["name"] = self._made(name)
        elif case.path.startswith("/api/jobs/{name}"):
            jobs = [job.id for job in self._bench.jobs.all()]
            case.path_parameters["name"] = _one(jobs, name)
        elif case.path.startswith("/api/recipes/{name}"):
            case.path_parameters["name"] = _one(["sample-vae-tiny"], name)
        else:
            case.path_parameters = self._there(case.path_parameters)
        case.query, case.body = self._there(case.query), self._there(case.body)
        return case

    def _there(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._there(entry, name) for name, entry in value.items()}
        if isinstance(value, list):
            return [self._there(entry, key) for entry in value]
        return self._named(value, key) if isinstance(value, str) else value

    def _named(self, text: str, key: str) -> str:
        if key == "sound" or REFERENCE.fullmatch(text):
            return f"made:{self._made(text)}" if len(text) % 4 == 1 else _one(self._library, text)
        if key in ("name", "instrument", "instruments"):
            return _one(["tiny"], text)
        return {"ids": self._made(text), "projection": "pca"}.get(key, text)

    def _made(self, text: str) -> str:
        made = self._bench.history.listed(start=0, count=50).made
        return _one([one.id for one in made], text)


def _one(there: list[str], text: str) -> str:
    return there[len(text) % len(there)] if there and len(text) % 4 else text


def _ask(operation: Any, asked: "Counter[tuple[str, int]]") -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES]))
    def ask(case: Any) -> None:
        answer = case.call_and_validate(checks=CHECKS)
        asked[operation.label, answer.status_code] += 1

    ask()


def test_no_request_is_too_strange_for_an_answer(api: Any) -> None:
    asked: Counter[tuple[str, int]] = Counter()
    operations = [found.ok() for found in api.get_all_operations()]
    try:
        for operation in operations:
            _ask(operation, asked)
    finally:
        if TOLD in os.environ:
            lines = (f"{count} {one}" for one, count in sorted(asked.items()))
            Path(os.environ[TOLD]).write_text("\n".join(lines))
    assert {label for label, _ in asked} == {operation.label for operation in operations}
    assert {status // 100 for _, status in asked} == {2, 4}
