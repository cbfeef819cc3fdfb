"""The experiment command: what it lists, and what it refuses."""

import pytest

from fixtures_command import Command


def test_alone_it_lists_the_experiments(timbrel: Command) -> None:
    ended = timbrel("experiment", "--json")
    assert ended.status == 0
    listed = {one["name"]: one for one in ended.document["experiments"]}
    assert {"reconstruction", "vae-variants", "projections", "latent-grid"} <= set(listed)
    assert "S3" in listed["reconstruction"]["source"]
    told = timbrel("experiment")
    assert all(name in told.out for name in listed)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["projektions", "--scale", "smoke"], "projections"),
        (["projections", "--scale", "huge"], "smoke, small, full"),
        (["projections", "--data", "nowhere"], "nowhere does not exist"),
        (["projections"], "--data FOLDER"),
        (["projections", "--set", "perplexity=3", "--scale", "smoke"], "perplexities"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_a_way_on(
    timbrel: Command, arguments: list[str], said: str
) -> None:
    ended = timbrel("experiment", *arguments)
    assert ended.status == 2
    assert said in ended.err
    assert "Traceback" not in ended.err
