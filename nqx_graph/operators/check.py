"""`compiled.check(x)`: which branch breaks a promise or leaves the space, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from nqx_graph.errors import CheckError, StateError
from nqx_graph.ir.types import SymbolicIRTerm, SymbolicOperatorIR
from nqx_graph.kernel.from_ir import lower_operator
from nqx_graph.kernel.run import run_branches
from nqx_graph.kernel.structure import Structure, Tables
from nqx_graph.operators.samples import foreign_rows
from nqx_graph.space import SpaceView


def check(
    ir: SymbolicOperatorIR, space: SpaceView, structure: Structure, tables: Tables, values: Mapping[str, Any], x: Any
) -> None:
    """Raise the first broken promise, the first branch outside the local states, the first outside the constraint.

    Raises:
        StateError: if a configuration of x is not in the space. CheckError: as above.
    """
    samples = np.asarray(x)
    flat = samples.reshape(-1, space.size)
    _check_samples(flat, samples.shape[:-1], space)
    if structure.on_out_of_domain == "trust":
        # a trusted kernel holds no test; look with one that does
        fanouts = tuple(term.fanout for term in structure.terms)
        structure, _ = lower_operator(ir, space, fanouts, "nan")
    found = run_branches(structure, tables, values, flat)
    for term, branches in zip(ir.terms, found, strict=True):
        view = _View(term, samples.shape[:-1], *(np.asarray(array) for array in branches))
        view.check_promise()
        if structure.on_out_of_domain != "drop":  # dropping them was asked for
            view.check_local_states(space)
        view.check_constraint(space)


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
    """The branches of one term on a flat batch: xp [B, R, N], mels, active and outside [B, R]."""

    term: SymbolicIRTerm
    batch: tuple[int, ...]
    xp: np.ndarray[Any, Any]
    mels: np.ndarray[Any, Any]
    active: np.ndarray[Any, Any]
    outside: np.ndarray[Any, Any]

    def check_promise(self) -> None:
        count = self.active.sum(axis=-1)
        broken = np.flatnonzero(count > self.term.fanout)
        if broken.size:
            sample, most = _place(int(broken[0]), self.batch), int(count[broken[0]])
            raise CheckError(
                f"term {self.term.name!r} promises at most {self.term.fanout} active branches; sample {sample} has {most}. "
                f"Promise fanout({most}) or more, or leave the promise out.",
                term=self.term.name,
                sample=sample,
                promised=self.term.fanout,
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
        row, number = divmod(int(branch), len(self.term.emissions))
        emission = self.term.emissions[number]
        tag = "" if emission.branch_tag is None else f" ({emission.branch_tag!r})"
        numbers = self.term.iterator.index_sets[row].tolist()
        sites = ", ".join(f"{label}={site}" for label, site in zip(self.term.iterator.labels, numbers, strict=True))
        place = _place(int(sample), self.batch)
        return CheckError(
            f"term {self.term.name!r}, row {row}{f' ({sites})' if sites else ''}, emission #{number}{tag} {what} for sample "
            f"{place}. Restrict it with .where(...), or wrap the value.",
            term=self.term.name,
            row=row,
            emission=number,
            tag=emission.branch_tag,
            sample=place,
        )
