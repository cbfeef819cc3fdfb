"""What of `latent_flow` runs without Python: all of it, a step of its flow at a time."""

from dataclasses import replace

import torch
from torch import Tensor

from timbrel.blocks.graph import Calling, Part, Parts, Port, Step, Way, code_port, spread_port
from timbrel.families.latent_flow.network import _LEAST_DOUBT, SILENT_CODE, LatentFlow

_PLACE = "positions"


def parts_of(network: LatentFlow, code: tuple[int, int]) -> Parts:
    """Says what is exported.

    Args:
        network: A trained network.
        code: (F, N) of its codes.

    Returns:
        Its parts.
    """
    plan = Port("latent", ("batch", network.latent_size), "a plan, which stands for a sound")
    count = Port(_PLACE, (1,), "how many positions the longest detail of the batch has")
    about = "coordinates, and last how much of them is known; details may be mixed"
    detail = Port("detail", ("batch", network.options.components + 1, _PLACE), about)
    about = "a point on the way from noise to a detail"
    point = Port("point", ("batch", network.drawn, _PLACE), about, draw="normal")
    time = Port("time", ("batch",), "how far it has come, 0 to 1")
    moved = replace(point, name="next_point", draw="")
    steps = network.options.draw_steps
    times = tuple(number / steps for number in range(steps))
    return Parts(
        parts=(
            Part("encoder", Calling(network, _encoded), (code_port(code),), (plan, detail, count)),
            Part("length", Calling(network, _positions), (plan,), (count,)),
            Part("step", Calling(network, _moved), (point, time, plan), (moved,)),
            Part("finish", Calling(network, _finished), (point, plan), (detail,)),
            Part(
                "player",
                Calling(network, _played),
                (detail,),
                (code_port(code), spread_port(code)),
            ),
        ),
        ways={
            "reconstruct": Way(
                "a sound through its detail and back",
                (Step("encoder"), Step("player", {"grain": 0.0})),
            ),
            "generate": Way(
                "a new detail for a plan, drawn from noise step by step",
                (Step("length"), Step("step", times=times), Step("finish"), Step("player")),
            ),
        },
        sizes={_PLACE: network.positions},
    )


def _encoded(network: LatentFlow, code: Tensor) -> tuple[Tensor, ...]:
    coordinates = network.strips.coordinates(code)
    heard = _frames_up_to(code > 0)
    inside = torch.arange(coordinates.shape[2]) * network.options.strip_frames < heard
    # what lies beyond the end is silence, whatever else is in its strip
    known = torch.ones_like(coordinates[:, :1])
    rest = network.strips.silence[None, :, None]
    plan = _plan_of(network, torch.where(inside, coordinates, rest))
    return plan, torch.cat([coordinates, known], dim=1), _in_strips(network, heard)


def _frames_up_to(sounding: Tensor) -> Tensor:
    """Counts frames up to the last that sounds in any code [B, F, N], at least 1, as a float."""
    frames = sounding.to(torch.float32).amax(dim=(0, 1))
    return (frames * (torch.arange(len(frames)) + 1)).amax(dim=0).clamp(min=1)


def _in_strips(network: LatentFlow, frames: Tensor) -> Tensor:
    return torch.ceil(frames / network.options.strip_frames)[None]


def _plan_of(network: LatentFlow, coordinates: Tensor) -> Tensor:
    """Plans of coordinates [B, K', L'], as `LatentFlow.plan_of` gives them."""
    plans, rest = network.plans, network.strips.silence[: network.plans.coordinates_known]
    member = torch.nn.functional.one_hot(plans.cell_of, plans.cells).float()
    share = member / member.sum(dim=0)
    known = coordinates[:, : plans.coordinates_known] - rest[:, None]
    means = known @ share[: known.shape[2]] + rest[:, None]
    return plans.of(means.flatten(1))


def _positions(network: LatentFlow, plan: Tensor) -> Tensor:
    code = network.strips.code(network.plans.coarse(plan, network.positions))
    return _in_strips(network, _frames_up_to(code > SILENT_CODE))


def _moved(network: LatentFlow, point: Tensor, time: Tensor, plan: Tensor) -> Tensor:
    doubt = torch.full_like(time, _LEAST_DOUBT)
    told = network.conditions(plan, point.shape[2], doubt)
    velocity: Tensor = network.velocity(point, time, *told)
    return point + velocity / network.options.draw_steps


def _finished(network: LatentFlow, point: Tensor, plan: Tensor) -> Tensor:
    """See `LatentFlow.draw`: the plan that is asked for is kept to."""
    coordinates = point * network._scale()
    change = network.plans.change(plan - _plan_of(network, coordinates), point.shape[2])
    most = min(change.shape[1], network.drawn)
    held = torch.cat([coordinates[:, :most] + change[:, :most], coordinates[:, most:]], dim=1)
    missing = network.options.components + 1 - held.shape[1]
    return torch.nn.functional.pad(held, (0, 0, 0, missing))


def _played(network: LatentFlow, detail: Tensor) -> tuple[Tensor, Tensor]:
    found = network.predicted(detail)
    whole = [found.code.clamp(0, 1), found.log_spread.exp()]
    padded = [torch.nn.functional.pad(part, (0, network.frames)) for part in whole]
    return padded[0][:, :, : network.frames], padded[1][:, :, : network.frames]


GRAPHS = parts_of
