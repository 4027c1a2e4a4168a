"""Diagnostics: what is likely wrong with the operator, as far as that is proved without running it."""

from __future__ import annotations

from functools import partial

from nqx_graph.diagnostics import Diagnostics, find
from nqx_graph.errors import DiagnosticsError
from nqx_graph.graph import stage
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges
from nqx_graph.space import SpaceView
from nqx_graph.stages.analyses import DIAGNOSTICS


@stage(
    writes=DIAGNOSTICS,
    before=("lowering", "what it refuses is not lowered"),
    describe=lambda diagnostics: {"diagnostics": diagnostics.summary},
)
def symbolic_diagnostics(
    ir: SymbolicOperatorIR, space: SpaceView, options: SymbolicCompilerOptions, ranges: OperatorRanges
) -> Diagnostics:
    """They are found when somebody looks at them, so that a compile that nobody asks does not wait for them.

    With ``fail_on_warnings`` they are found here, and a warning fails the compile. That option is part of the cache key:
    what is found under such a key was made without a warning.
    """
    found = Diagnostics(partial(find, ir, space, ranges, options), options.min_severity)
    wrong = found.at_least("warning") if options.fail_on_warnings and options.min_severity == "info" else found
    if options.fail_on_warnings and len(wrong):
        raise DiagnosticsError(
            f"fail_on_warnings is set, and the operator has {wrong.summary}.\n\n{wrong}", diagnostics=wrong
        )
    return found
