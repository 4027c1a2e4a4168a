"""`check(x)`: which sample is not in the space, which branch leaves it, which term breaks its promise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from nqx_graph.errors import CheckError, StateError
from nqx_graph.ir.types import SymbolicIRTerm
from nqx_graph.lowering.reference.configurations import exact_state, is_local_state, is_state
from nqx_graph.lowering.reference.loop import Branch
from nqx_graph.space import SpaceView


def check_state(x: NDArray[Any], sample: tuple[int, ...], space: SpaceView) -> None:
    """Refuse a configuration [N] that is not in the space; ``sample`` is where it stood in the batch."""
    state = tuple(exact_state(value, space) for value in x.tolist())
    for site, value in enumerate(state):
        if not is_local_state(space, site, value):
            raise StateError(
                f"{_sample_text(sample)} is not in the space: site {site} holds {value}; the local states are "
                f"{space.local_states_text()}.",
                sample=sample,
            )
    if not is_state(space, state):
        raise StateError(f"{_sample_text(sample)}, {list(state)}, breaks the space's constraint.", sample=sample)


def check_term(found: Sequence[Branch], term: SymbolicIRTerm, sample: tuple[int, ...], space: SpaceView) -> None:
    """Refuse the active branches of a term if one of them leaves the space, or if they are more than promised."""
    for branch in found:
        _check_branch(branch, term, sample, space)
    if len(found) > term.fanout:
        raise CheckError(
            f"term {term.name!r} promises at most {term.fanout} active branches; {_sample_text(sample)} has "
            f"{len(found)}. Raise the promise to the most there can be.",
            term=term.name,
            sample=sample,
            active=len(found),
            promised=term.fanout,
        )


def _check_branch(branch: Branch, term: SymbolicIRTerm, sample: tuple[int, ...], space: SpaceView) -> None:
    if not branch.outside and (branch.mel == 0 or is_state(space, branch.target)):
        return
    tag = term.emissions[branch.emission].branch_tag
    what = "leaves the local states" if branch.outside else "breaks the space's constraint"
    raise CheckError(
        f"term {term.name!r}, row {branch.row}, emission #{branch.emission}{'' if tag is None else f' ({tag!r})'}: from "
        f"{_sample_text(sample)} it leads to {list(branch.target)}, which {what}. Exclude it with where or emit_if.",
        term=term.name,
        sample=sample,
        row=branch.row,
        emission=branch.emission,
        tag=tag,
        target=branch.target,
    )


def _sample_text(sample: tuple[int, ...]) -> str:
    return "x" if not sample else f"sample {sample[0] if len(sample) == 1 else sample}"
