"""How many bits hold the whole numbers of predicates and updates."""

from __future__ import annotations

from typing import Any

from nqx_graph.ir.kinds import INT
from nqx_graph.ir.table import READS, Row
from nqx_graph.ranges.values import Value


def whole_width(rows: tuple[Row, ...], kinds: list[int], made: list[Any], needed: set[int], slack: int) -> int:
    """How many bits hold every whole number that the needed lines compute: 32, 64, or 128 for more than 64.

    ``slack`` is what `wrap_mod` may add on its way. Where there is no bound, 64.
    """
    met = [made[line] for line in needed if kinds[line] == INT and rows[line].op not in READS]
    inner = [made[rows[line].args[0]] for line in needed if rows[line].op == "wrap_mod"]
    return width([value for value in met if isinstance(value, Value)], inner, slack)


def width(met: list[Value], wrapped: list[Value], slack: int) -> int:
    """The bits of whole numbers, and of those that are wrapped into local states."""
    largest = max((value.largest for value in met if value.bounded), default=0)
    largest = max(largest, max((value.largest for value in wrapped if value.bounded), default=-slack) + slack)
    known = 32 if largest < 2**31 - 1 else 64 if largest < 2**63 else 128
    # what is undefined in whole numbers passed every bound on its way
    lost = [128 if value.undefined else 64 for value in [*met, *wrapped] if not value.bounded]
    return max([known, *lost])
