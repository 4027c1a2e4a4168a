"""What the expressions of one term are evaluated against, inside the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

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
        # what is named again is not traced again
        self._site: dict[int, Array] = {}
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

    def site(self, slot: int) -> Array:
        """The flat site number that a slot names on every row. [M]"""
        if slot not in self._site:
            self._site[slot] = self.sites[slot]
        return self._site[slot]

    def read(self, slot: int) -> Array:
        """x at a site slot, in x's own dtype. [..., M]"""
        if slot not in self._read:
            self._read[slot] = jnp.take(self.x, self.site(slot), axis=-1, mode="clip")
        return self._read[slot]

    def column(self, name: str) -> Array:
        """A column on the rows of the term. [M] or [M, N]"""
        column = jnp.asarray(self.tables.columns[name])
        if self.tables.order is None or name.startswith(HIDDEN):
            return column
        return jnp.take(column, jnp.asarray(self.tables.order), axis=0, mode="clip")

    def dot(self, name: str, dtype: Any) -> Array:
        """Σₖ m[row, k]·x[k]. [..., M]"""
        column = self.column(name)
        # XLA multiplies matrices of floating-point numbers much faster than those of integers, on CPU and GPU alike
        factor = self._exact_factor(name, column)
        within = dtype if factor is None else factor
        if factor is not None and jnp.iscomplexobj(column):
            column = column.real  # a mask in the dtype of a complex operator
        total = jnp.einsum(
            "...n,mn->...m", self.x.astype(within), column.astype(within), precision=jax.lax.Precision.HIGHEST
        )
        return total.astype(dtype)

    def prod(self, name: str, dtype: Any) -> Array:
        """Πₖ x[k]^m[row, k] for entries 0 and 1. [..., M]"""
        chosen = self.column(name) == 1
        two = self._two_states()
        if two is None:
            factors = jnp.where(chosen, self.x.astype(dtype)[..., None, :], jnp.ones((), dtype))
            return jnp.prod(factors, axis=-1, dtype=dtype)
        lower = jnp.einsum(
            "...n,mn->...m",
            (self.x == two[0]).astype(jnp.float32),
            chosen.astype(jnp.float32),
            precision=jax.lax.Precision.HIGHEST,
        ).astype(jnp.int32)
        return (1 - 2 * (lower & 1) if two == (-1, 1) else lower == 0).astype(dtype)

    def _two_states(self) -> tuple[int, int] | None:
        """The local states where they are -1 and 1, or 0 and 1, at every site: products of them follow from counts."""
        states = self.states
        if states.table is not None or self.structure.size >= 2**24 or not (states.count == 2).all():
            return None
        for low, high in ((-1, 1), (0, 1)):
            if (states.low == low).all() and (states.low + states.step == high).all():
                return low, high
        return None

    def _exact_factor(self, name: str, column: Array) -> Any:
        """The floating-point dtype in which no sum of a row can round, whatever the configuration; None if there is none."""
        states = self.states
        if states.table is not None or not states.integer or (states.count < 0).any():
            return None
        if name in self.term.masks or column.dtype == bool:
            entry = 1
        elif jnp.issubdtype(column.dtype, jnp.integer):
            entry = -int(np.iinfo(column.dtype).min) or int(np.iinfo(column.dtype).max)
        else:
            return None
        high = states.low + states.step * (states.count - 1)
        state = int(max(np.abs(states.low).max(), np.abs(high).max()))
        total = self.structure.size * entry * state
        if total < 2**24:
            return jnp.float32
        return jnp.float64 if self.x64 and total < 2**53 else None

    def per_site(self, values: Any, slot: int, dtype: Any) -> Array:
        """What is given per site, at the sites of a slot; without an axis of rows where all sites agree."""
        if len(values) == 1:
            return jnp.asarray(values[0], dtype=dtype)
        return jnp.take(jnp.asarray(values, dtype=dtype), self.site(slot), axis=0, mode="clip")

    def wrap(self, value: Array, slot: int | None) -> Array:
        """(value - m) mod (n·q) + m with the local states m, m + q, … of the slot's sites."""
        dtype, states = value.dtype, self.states
        where = 0 if slot is None else slot
        low = self.per_site(states.low, where, dtype)
        span = self.per_site(states.step * states.count, where, dtype)
        turned = jnp.mod(value - low, span)
        if not jnp.issubdtype(dtype, jnp.integer):
            # JAX gives -0 where a negative number is divided without rest, and XLA leaves out the sum with a low of 0: a
            # division by it would have the wrong sign
            turned = turned - jax.lax.stop_gradient(jnp.where(turned == 0, turned, jnp.zeros((), dtype)))
        return turned + low

    def contains(self, value: Array, slot: int) -> Array:
        """Whether a value is a local state of the slot's sites. [..., M]"""
        states, dtype = self.states, jnp.result_type(value.dtype, self.state_dtype(32))
        value = value.astype(dtype)
        if states.table is not None:
            return jnp.any(value[..., None] == self.per_site(states.table, slot, dtype), axis=-1)
        low, step = (self.per_site(array, slot, dtype) for array in (states.low, states.step))
        count = self.per_site(states.count, slot, dtype)
        inside = (value >= low) & ((count < 0) | (value <= low + step * (count - 1)))
        unit_steps = bool((states.step == 1).all()) and jnp.issubdtype(dtype, jnp.integer)
        return inside if unit_steps else inside & (jnp.mod(value - low, step) == 0)
