"""Diagnostics: what is likely wrong with an operator, each with a code, the offending line and the mend.

``rules`` is the list of them. `diagnose` looks at an operator; the stage `symbolic_diagnostics` does on every compile.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import attrs

from nqx_graph.diagnostics.collection import Diagnostics
from nqx_graph.diagnostics.diagnostic import Diagnostic, at_least
from nqx_graph.errors import NqxError, OptionTypeError
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SEVERITIES, SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges, operator_ranges
from nqx_graph.space import SpaceView, view

__all__ = ["SEVERITIES", "Diagnostic", "Diagnostics", "at_least", "diagnose", "find"]


def diagnose(
    operator: Any, *, min_severity: str | None = None, options: SymbolicCompilerOptions | None = None
) -> Diagnostics:
    """Look at an operator without compiling or running it.

    Args:
        operator: a symbolic operator, or any object with ``to_ir()`` and ``hilbert``.
        min_severity: the least severe that is shown: ``"info"``, ``"warning"`` or ``"error"``; that of the options where
            it is not given.
        options: what the operator will be compiled with; the stock options where they are not given.

    Returns:
        The diagnostics, the worst first.

    Raises:
        OptionError: for a severity that does not exist.
        OptionTypeError: for an object that is no symbolic operator, or options that are none.
    """
    given = SymbolicCompilerOptions() if options is None else options
    if not isinstance(given, SymbolicCompilerOptions):
        raise OptionTypeError(f"options must be SymbolicCompilerOptions(...); they are {options!r}.")
    chosen = given if min_severity is None else attrs.evolve(given, min_severity=min_severity)
    if not (hasattr(operator, "to_ir") and hasattr(operator, "hilbert")):
        raise OptionTypeError(
            f"diagnose takes a symbolic operator, with to_ir() and hilbert; it was given {operator!r}, a "
            f"{type(operator).__name__}."
        )
    ir, space = operator.to_ir(), view(operator.hilbert)
    return Diagnostics(find(ir, space, operator_ranges(ir, space), chosen), chosen.min_severity)


def find(
    ir: SymbolicOperatorIR, space: SpaceView, ranges: OperatorRanges, options: SymbolicCompilerOptions
) -> list[Diagnostic]:
    """What every rule finds, in the order of the rules."""
    # imported here: a compile whose diagnostics nobody asks for does without the rules
    from nqx_graph.diagnostics.rules import RULES
    from nqx_graph.diagnostics.subject import Subject

    subject, made = Subject.of(ir, space, ranges, options), []
    for rule in RULES:
        # an operator that breaks the rules of the language, where validation is not strict, is told of there
        with suppress(NqxError):
            made += list(rule.find(subject))
    return made
