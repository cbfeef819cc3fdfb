"""Reports and listening tests."""

from timbrel.studio.workbench.models.common import Told


class ReportInfo(Told):
    """A report; its address is opened as it stands."""

    name: str
    title: str
    created_s: float
    address: str
    verdict: list[str]


class Reports(Told):
    """The reports, the newest first."""

    reports: list[ReportInfo]


class TestInfo(Told):
    """A listening test.

    Attributes:
        address: Where it is served now, "" where it is not.
        listeners: How many have begun it.
        answers: How many answers there are.
        findings: What they say so far, in plain words.
        command: The command that serves it.
    """

    name: str
    title: str
    kind: str
    items: int
    listeners: int
    answers: int
    findings: list[str]
    address: str
    command: str


class Tests(Told):
    """The listening tests."""

    tests: list[TestInfo]
