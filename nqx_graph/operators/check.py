"""`compiled.check(x)`: which branch breaks a promise or leaves the space, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import CheckError, StateError
from nqx_graph.ir.merging import Merged, merged_operator, runs
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.kernel.kernels import branches_kernel
from nqx_graph.kernel.structure import Structure, TermTables
from nqx_graph.operators.samples import foreign_rows
from nqx_graph.space import SpaceView


def check(
    ir: SymbolicOperatorIR, space: SpaceView, structure: Any, tables: Any, values: Mapping[str, Any], x: Any
) -> None:
    """Raise the first broken promise, the first branch outside the local states, the first outside the constraint.

    Raises:
        StateError: if a configuration of x is not in the space. CheckError: as above.
    """
    samples = np.asarray(x)
    flat = samples.reshape(-1, space.size)
    _check_samples(flat, samples.shape[:-1], space)
    exact, arrays = _exact(ir, space, structure, tables)
    found = branches_kernel(exact)(arrays, values, flat)
    for merged, branches in zip(merged_operator(ir, runs(ir))[1], found, strict=True):
        view = _View(ir, merged, samples.shape[:-1], *(np.asarray(array) for array in branches))
        view.check_promise()
        if structure.on_out_of_domain != "drop":  # dropping them was asked for
            view.check_local_states(space)
        view.check_constraint(space)


def _exact(ir: SymbolicOperatorIR, space: SpaceView, structure: Any, tables: Any) -> tuple[Structure, Any]:
    """A kernel of every branch that looks where each one goes, with the columns of the operator's own."""
    if isinstance(structure, Structure) and structure.on_out_of_domain != "trust":
        return structure, tables
    groups = runs(ir)
    merged, _ = merged_operator(ir, groups)
    fanouts = tuple(sum(ir.terms[position].fanout for position in group) for group in groups)
    mode = "nan" if structure.on_out_of_domain == "trust" else structure.on_out_of_domain
    exact, made = lower_operator(merged, space, fanouts, mode)
    if isinstance(structure, Structure):
        return exact, tables
    given = [node for node in jax.tree.leaves(tables, is_leaf=_is_term) if _is_term(node)]
    columns = {source: own.columns for own, (_, source) in zip(given, structure.columned, strict=True) if source >= 0}
    terms = []
    for group, own in zip(groups, made.terms, strict=True):
        new = columns.get(group[0], {}) if len(group) == 1 else {}
        kept = {name: jnp.asarray(new.get(name, array)).astype(array.dtype) for name, array in own.columns.items()}
        terms.append(own._replace(columns=kept))
    return exact, made._replace(terms=tuple(terms))


def _is_term(node: Any) -> bool:
    return isinstance(node, TermTables)


def _check_samples(flat: np.ndarray[Any, Any], batch: tuple[int, ...], space: SpaceView) -> None:
    foreign = np.flatnonzero(foreign_rows(flat, space))
    if foreign.size:
        first = int(foreign[0])
        raise StateError(
            f"sample {_place(first, batch)}, {flat[first].tolist()}, is not in {space.hilbert!r}.",
            sample=_place(first, batch),
        )


def _place(flat: int, batch: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(part) for part in np.unravel_index(flat, batch)) if batch else ()


@attrs.frozen(eq=False)
class _View:
    """The branches of terms lowered as one on a flat batch: xp [B, R, N], mels, active and outside [B, R]."""

    ir: SymbolicOperatorIR
    merged: Merged
    batch: tuple[int, ...]
    xp: np.ndarray[Any, Any]
    mels: np.ndarray[Any, Any]
    active: np.ndarray[Any, Any]
    outside: np.ndarray[Any, Any]

    def check_promise(self) -> None:
        term, count = self.merged.term, self.active.sum(axis=-1)
        broken = np.flatnonzero(count > term.fanout)
        if broken.size:
            sample, most = _place(int(broken[0]), self.batch), int(count[broken[0]])
            raise CheckError(
                f"term {term.name!r} promises at most {term.fanout} active branches; sample {sample} has {most}. "
                f"Promise fanout({most}) or more, or leave the promise out.",
                term=term.name,
                sample=sample,
                promised=term.fanout,
                active=most,
            )

    def check_local_states(self, space: SpaceView) -> None:
        if np.any(self.outside):
            sample, branch = np.argwhere(self.outside)[0]
            raise self._error(sample, branch, f"leaves the local states {space.local_states_text()}")

    def check_constraint(self, space: SpaceView) -> None:
        if space.contains is None:
            return
        held = self.active & ~self.outside & (self.mels != 0)
        places = np.argwhere(held)
        foreign = np.flatnonzero(~np.asarray(space.contains(self.xp[held])))
        if foreign.size:
            sample, branch = places[foreign[0]]
            raise self._error(sample, branch, f"leaves the constraint of {space.hilbert!r}")

    def _error(self, sample: int, branch: int, what: str) -> CheckError:
        merged_row, number = divmod(int(branch), len(self.merged.term.emissions))
        position, row = self.merged.origin(merged_row)
        term = self.ir.terms[position]
        emission = term.emissions[number]
        tag = "" if emission.branch_tag is None else f" ({emission.branch_tag!r})"
        numbers = term.iterator.index_sets[row].tolist()
        sites = ", ".join(f"{label}={site}" for label, site in zip(term.iterator.labels, numbers, strict=True))
        place = _place(int(sample), self.batch)
        return CheckError(
            f"term {term.name!r}, row {row}{f' ({sites})' if sites else ''}, emission #{number}{tag} {what} for sample "
            f"{place}. Restrict it with .where(...), or wrap the value.",
            term=term.name,
            row=row,
            emission=number,
            tag=emission.branch_tag,
            sample=place,
        )
