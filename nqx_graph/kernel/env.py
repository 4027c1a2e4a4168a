"""What the expressions of one term are evaluated against, inside the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from nqx_graph.environment import x64_enabled
from nqx_graph.ir.kinds import INT, dtype_of
from nqx_graph.ir.merging import HIDDEN
from nqx_graph.kernel.structure import LocalStates, TermStructure, TermTables

Array = Any  # a JAX array or tracer


class Env:
    """One term on one batch. Values per index row have a shape that broadcasts to [..., M]."""

    def __init__(
        self,
        structure: Any,
        term: TermStructure,
        tables: TermTables,
        numbers: Array,
        parameters: Mapping[str, Array],
        x: Array,
        whole: Array | None = None,
    ) -> None:
        """``whole`` are the whole numbers that `Lines` may name instead of holding them."""
        self.structure, self.term, self.tables, self.whole = structure, term, tables, whole
        self.numbers, self.parameters, self.x = numbers, parameters, x
        self.sites = jnp.asarray(tables.sites)
        self.dtype = jnp.dtype(structure.dtype_str)
        self.x64 = x64_enabled()
        self._read: dict[int, Array] = {}

    @property
    def states(self) -> LocalStates:
        """The local states."""
        states: LocalStates = self.structure.states
        return states

    def exact_dtype(self, kind: int, width: int = 64) -> Any:
        """The dtype in which predicates and updates compute a kind; ``width`` bits are enough for whole numbers."""
        return dtype_of(kind, self.x64 and (kind != INT or width == 64))

    def state_dtype(self, width: int = 64) -> Any:
        """The dtype in which updates hold a local state."""
        return self.exact_dtype(INT if self.states.integer else 1, width)

    def read(self, slot: int) -> Array:
        """x at a site slot, in x's own dtype. [..., M]"""
        if slot not in self._read:
            self._read[slot] = jnp.take(self.x, self.sites[slot], axis=-1, mode="clip")
        return self._read[slot]

    def column(self, name: str) -> Array:
        """A column on the rows of the term. [M] or [M, N]"""
        column = jnp.asarray(self.tables.columns[name])
        if self.tables.order is None or name.startswith(HIDDEN):
            return column
        return jnp.take(column, jnp.asarray(self.tables.order), axis=0, mode="clip")

    def dot(self, name: str, dtype: Any) -> Array:
        """Σₖ m[row, k]·x[k]. [..., M]"""
        m, x = self.column(name).astype(dtype), self.x.astype(dtype)
        return jnp.einsum("...n,mn->...m", x, m, precision=jax.lax.Precision.HIGHEST)

    def prod(self, name: str, dtype: Any) -> Array:
        """Πₖ x[k]^m[row, k] for entries 0 and 1. [..., M]"""
        chosen = self.column(name) == 1
        return jnp.prod(jnp.where(chosen, self.x.astype(dtype)[..., None, :], jnp.ones((), dtype)), axis=-1)

    def per_site(self, values: Any, slot: int, dtype: Any) -> Array:
        """A number per site, at the sites of a slot; a scalar where all sites agree."""
        array = jnp.asarray(values, dtype=dtype)
        return array[0] if array.shape[0] == 1 else jnp.take(array, self.sites[slot], axis=0, mode="clip")

    def wrap(self, value: Array, slot: int | None) -> Array:
        """(value - m) mod (n·q) + m with the local states m, m + q, … of the slot's sites."""
        dtype, states = value.dtype, self.states
        where = 0 if slot is None else slot
        low = self.per_site(states.low, where, dtype)
        span = self.per_site(states.step * states.count, where, dtype)
        return jnp.mod(value - low, span) + low

    def contains(self, value: Array, slot: int) -> Array:
        """Whether a value is a local state of the slot's sites. [..., M]"""
        states, dtype = self.states, jnp.result_type(value.dtype, self.state_dtype(32))
        value = value.astype(dtype)
        if states.table is not None:
            table = jnp.asarray(states.table, dtype=dtype)
            rows = table[0] if table.shape[0] == 1 else jnp.take(table, self.sites[slot], axis=0, mode="clip")
            return jnp.any(value[..., None] == rows, axis=-1)
        low, step = (self.per_site(array, slot, dtype) for array in (states.low, states.step))
        count = self.per_site(states.count, slot, dtype)
        inside = (value >= low) & ((count < 0) | (value <= low + step * (count - 1)))
        unit_steps = bool((states.step == 1).all()) and jnp.issubdtype(dtype, jnp.integer)
        return inside if unit_steps else inside & (jnp.mod(value - low, step) == 0)
