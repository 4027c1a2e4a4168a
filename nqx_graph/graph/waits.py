"""``before=`` and ``after=``: an order between two stages that no analysis asks for, with the reason for it.

An escape, for stages that act on something that the graph does not see. What a wait means for the gate:

- It holds in every call that runs both stages, and makes no stage run in more calls, with one exception: the gate, and
  what the gate needs, cannot wait for what a hit skips. So what they wait for runs before the gate, on hits too, with all
  that it reads. If it cannot run there, because it needs what the gate supplies, that is a circle.
- A stage that runs always but waits for one that a hit skips, or for the gate, runs behind the gate.
- A wait says that something flows that no one sees. So what the earlier stage reads has to be covered by the key if the
  later one helps to make what the gate supplies; only waiting for the gate itself asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from nqx_graph.errors import StageContractError


class Wait(NamedTuple):
    """The name of another stage that has to run earlier or later, and why."""

    stage: str
    reason: str


def befores(given: Any) -> tuple[Wait, ...]:
    """What was given as ``before=``: a pair of a stage and a reason, or several."""
    return _waits("before", given)


def afters(given: Any) -> tuple[Wait, ...]:
    """What was given as ``after=``: a pair of a stage and a reason, or several."""
    return _waits("after", given)


def _waits(word: str, given: Any) -> tuple[Wait, ...]:
    if isinstance(given, Wait) or _is_pair(given):
        given = (given,)
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise _refused(word, given)
    return tuple(item if isinstance(item, Wait) else _wait(word, item) for item in given)


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and _name(given[0]) is not None and isinstance(given[1], str)


def _name(stage: Any) -> str | None:
    name = getattr(stage, "name", stage)
    return name if isinstance(name, str) else None


def _wait(word: str, item: Any) -> Wait:
    name = _name(item[0]) if _is_pair(item) else None
    if name is None or not item[1].strip():
        raise _refused(word, item)
    return Wait(name, item[1])


def _refused(word: str, given: Any) -> StageContractError:
    return StageContractError(
        f"{word}= takes another stage and the reason why it has to run {'later' if word == 'before' else 'earlier'}, "
        f"which no analysis tells; {given!r} is no such pair. Write {word}=('name', 'why'), or read what the other "
        "stage writes."
    )
