"""The value of a function that a user registered, by its interval rule."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nqx_graph.errors import DefinitionError
from nqx_graph.ir.functions import ExpressionFunction
from nqx_graph.ranges.values import UNDEFINED, Value


def called(function: ExpressionFunction, given: list[Value]) -> Value:
    """The function of these. A rule holds for real and finite arguments: nothing is known of the result for others.

    Raises:
        DefinitionError: if the rule returns what is no interval.
    """
    if function.interval is None or not all(value.bounded and not value.undefined for value in given):
        return UNDEFINED
    ends = _ends(function, [(value.low, value.high) for value in given])
    if ends is None:
        return UNDEFINED
    try:
        low, high = map(float, ends)
    except (TypeError, ValueError):
        low = high = math.nan
    if not low <= high:
        raise DefinitionError(
            f"the interval rule of the function {function.name!r} returned {ends!r}; it returns (low, high), or None where "
            "nothing is known."
        )
    # what is near 0 may be the difference of numbers near 1, each rounded
    margin = 1e-5 * max(1.0, abs(low), abs(high))
    return Value(low - margin, high + margin) if math.isfinite(low) and math.isfinite(high) else UNDEFINED


def _ends(function: ExpressionFunction, given: list[tuple[Any, Any]]) -> Any:
    rule = function.interval
    if isinstance(rule, tuple):
        return rule
    if callable(rule):
        return rule(*given)
    at_ends = tuple(function.of_numbers(np.float64(end)) for end in given[0])
    if not np.all(np.isfinite(at_ends)):
        return None
    return at_ends if rule == "rising" else at_ends[::-1]
