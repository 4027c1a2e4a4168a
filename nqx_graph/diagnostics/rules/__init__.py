"""The rules, a line each. What a code means is written in the reference, under the anchor of the code.

Every rule takes a `Subject` and yields diagnostics. A rule claims what holds for every configuration of local states, and
what it cannot tell it leaves, or says as ``"info"``. None runs the operator on samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from nqx_graph.diagnostics.diagnostic import Diagnostic
from nqx_graph.diagnostics.rules.arithmetic import divisions_by_zero
from nqx_graph.diagnostics.rules.conditions import constant_predicates, unreachable_branches
from nqx_graph.diagnostics.rules.duplicates import duplicates
from nqx_graph.diagnostics.rules.hermitian import not_hermitian
from nqx_graph.diagnostics.rules.leaving import leaves_constraint, leaves_space
from nqx_graph.diagnostics.rules.padding import padded_size
from nqx_graph.diagnostics.rules.promises import promises_below
from nqx_graph.diagnostics.rules.symbols import unresolved_symbols
from nqx_graph.diagnostics.subject import Subject


@attrs.frozen
class Rule:
    """A code, what it is called, and who finds it."""

    code: str
    title: str
    find: Callable[[Subject], Iterator[Diagnostic]]


RULES = (
    Rule("NQX001", "unresolved symbol", unresolved_symbols),
    Rule("NQX002", "constant predicate", constant_predicates),
    Rule("NQX003", "unreachable branch", unreachable_branches),
    Rule("NQX004", "duplicate emission", duplicates),
    Rule("NQX005", "division that can be by zero", divisions_by_zero),
    Rule("NQX006", "branch that leaves the local states", leaves_space),
    Rule("NQX007", "branch that leaves the constraint", leaves_constraint),
    Rule("NQX008", "promise below what can be active", promises_below),
    Rule("NQX009", "said to be hermitian, and is not", not_hermitian),
    Rule("NQX010", "padded size above what is ever active", padded_size),
)
