"""The branches of one configuration, from a symbolic, a compiled or a reference operator."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import jax
import numpy as np
from numpy.typing import DTypeLike, NDArray

from nqx_graph.connections.data import DROPPED, KEPT, NAN, Connection, Connections
from nqx_graph.connections.text import number_text
from nqx_graph.environment import x64_enabled
from nqx_graph.errors import ParameterError, StateError, listed
from nqx_graph.ir.merging import runs
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.kernel.structure import Structure, TermTables
from nqx_graph.lowering.reference.configurations import is_local_state, is_state
from nqx_graph.lowering.reference.loop import Branch, branches
from nqx_graph.operators.parameters import require_all
from nqx_graph.operators.samples import admit, foreign_rows
from nqx_graph.space import SpaceView, view


def explain_symbolic(operator: Any, x: Any, values: Mapping[str, Any]) -> Connections:
    """The branches of an operator that is not compiled; what leaves the space is NaN, as `compile()` has it.

    Raises:
        ParameterError: a symbol has no value, or there is no such symbol.
        StateError, SampleTypeError: x is not one configuration of the space.
    """
    ir = operator.to_ir()
    missing = [name for name, default in sorted(ir.symbols.items()) if default is None and name not in values]
    if missing:
        example = ", ".join(f"{name}=..." for name in missing)
        raise ParameterError(
            f"the operator {ir.operator_name!r} has no value for {listed(missing)}; call explain(x, {example}).",
            names=tuple(missing),
        )
    return _explained(ir, view(operator.hilbert), x, values, "nan")


def explain_compiled(
    ir: SymbolicOperatorIR, space: SpaceView, structure: Any, tables: Any, values: Mapping[str, Any], x: Any
) -> Connections:
    """The branches of a compiled operator, with the parameters and columns that it has now; raises as above."""
    require_all(values, ir.operator_name)
    return _explained(_with_own_columns(ir, structure, tables), space, x, values, structure.on_out_of_domain)


def explain_reference(operator: Any, x: Any) -> Connections:
    """The branches of a `ReferenceOperator`; raises as above."""
    values = operator.parameters
    require_all(values, operator.name)
    return _explained(operator.ir, operator.space, x, values, operator.on_out_of_domain, operator.float_dtype)


def _with_own_columns(ir: SymbolicOperatorIR, structure: Any, tables: Any) -> SymbolicOperatorIR:
    """The operator with the columns of its kernel in place of those that it was built with, where they differ."""
    groups = runs(ir) if isinstance(structure, Structure) else [(position,) for position in range(ir.term_count)]
    own = [node for node in jax.tree.leaves(tables, is_leaf=_is_term) if _is_term(node)]
    terms = list(ir.terms)
    for term_tables, (_, source) in zip(own, structure.columned, strict=True):
        # terms with columns are lowered one by one
        if source >= 0 and len(groups[source]) == 1:
            position = groups[source][0]
            terms[position] = _with_columns(ir.terms[position], term_tables.columns)
    return attrs.evolve(ir, terms=terms)


def _is_term(node: Any) -> bool:
    return isinstance(node, TermTables)


def _with_columns(term: SymbolicIRTerm, arrays: Mapping[str, Any]) -> SymbolicIRTerm:
    declared = term.iterator.columns
    given = {name: np.asarray(arrays[name]) for name in declared if name in arrays}
    # a kernel has the columns of amplitudes in the operator's dtype; those not given anew keep all their digits
    new = {name: array for name, array in given.items() if not _same(array, declared[name])}
    if not new:
        return term
    return attrs.evolve(term, iterator=attrs.evolve(term.iterator, columns={**declared, **new}))


@np.errstate(all="ignore")
def _same(array: NDArray[Any], declared: NDArray[Any]) -> bool:
    return bool(np.array_equal(array, declared.astype(array.dtype)))


def _explained(
    ir: SymbolicOperatorIR,
    space: SpaceView,
    x: Any,
    values: Mapping[str, Any],
    on_out_of_domain: str,
    float_dtype: DTypeLike | None = None,
) -> Connections:
    state = _one_configuration(x, space)
    predicates = float_dtype or (np.float64 if x64_enabled() else np.float32)
    with np.errstate(all="ignore"):
        found = list(branches(ir, space, state, values, float_dtype=predicates))
        made = [_connection(branch, ir, space, state, on_out_of_domain) for branch in found]
        broken = list(_broken_promises(made, ir.terms))
    if broken:
        made = [branch if branch.fate == DROPPED else _as_nan(branch, broken) for branch in made]
    return Connections(ir.operator_name, space.hilbert, state, tuple(made))


def _one_configuration(x: Any, space: SpaceView) -> NDArray[Any]:
    """x [N], in the space.

    Raises:
        StateError, SampleTypeError: it is not.
    """
    state = np.asarray(admit(x, space))
    if state.ndim != 1:
        raise StateError(
            f"explain takes one configuration [{space.size}]; it was given the shape {state.shape}. Explain one sample of "
            "the batch.",
            shape=state.shape,
        )
    if foreign_rows(state[None], space)[0]:
        raise StateError(f"x = {state.tolist()} is not in {space.hilbert!r}.", x=state.tolist())
    return state


def _connection(
    branch: Branch, ir: SymbolicOperatorIR, space: SpaceView, state: NDArray[Any], on_out_of_domain: str
) -> Connection:
    term = ir.terms[branch.term]
    numbers = term.iterator.index_sets[branch.row].tolist()
    fate, mel, remark = _fate(branch, space, on_out_of_domain)
    return Connection(
        branch.term,
        term.name,
        branch.row,
        dict(zip(term.iterator.labels, numbers, strict=True)),
        branch.emission,
        term.emissions[branch.emission].branch_tag,
        tuple(state.tolist()),
        branch.target,
        branch.mel,
        mel,
        fate,
        remark,
    )


def _fate(branch: Branch, space: SpaceView, on_out_of_domain: str) -> tuple[str, Any, str]:
    """What becomes of a branch by itself: its fate, its matrix element, and why."""
    if branch.outside:
        site, value = _first_foreign(branch.target, space)
        why = f"x'[{site}] = {value} is no local state"
        if on_out_of_domain == "trust":
            return KEPT, branch.mel, f"{why}; kept, as on_out_of_domain='trust' asks for"
        if on_out_of_domain == "drop":
            return DROPPED, type(branch.mel)(0), f"{why}; dropped"
        return NAN, _nan_like(branch.mel), f"{why}; NaN instead of {number_text(branch.mel)}"
    if branch.mel != branch.mel:
        return KEPT, branch.mel, "the amplitude is NaN"
    if branch.mel != 0 and not is_state(space, branch.target):
        return KEPT, branch.mel, "x' breaks the constraint of the space; check(x) refuses it"
    return KEPT, branch.mel, ""


def _first_foreign(target: Sequence[int | float], space: SpaceView) -> tuple[int, int | float]:
    return next((site, value) for site, value in enumerate(target) if not is_local_state(space, site, value))


def _nan_like(mel: Any) -> Any:
    kind = np.asarray(mel).dtype
    return math.nan if kind.kind in "iu" else kind.type(math.nan)


def _broken_promises(made: Sequence[Connection], terms: Sequence[SymbolicIRTerm]) -> Iterator[str]:
    """In words, each term that has more active branches than it promises; those that are dropped do not count."""
    for position, term in enumerate(terms):
        active = sum(branch.term == position and branch.fate != DROPPED for branch in made)
        if active > term.fanout:
            yield f"term {term.name!r} promises {term.fanout} active and has {active}"


def _as_nan(branch: Connection, broken: Sequence[str]) -> Connection:
    """A broken promise makes all matrix elements of the sample NaN."""
    own = "" if not branch.remark else f"{branch.remark}; "
    return attrs.evolve(branch, mel=_nan_like(branch.mel), fate=NAN, remark=f"{own}NaN: {'; '.join(broken)}")
