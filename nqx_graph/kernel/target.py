"""x': an update as a history of writes, read and written out without a scatter.

Values are held in wide integers (or floating point), so that a chain may pass through what the storage dtype of x could
not hold. Site numbers are known per index row, so whether two slots name one site is known too; only where that differs
from row to row is it decided by a select.
"""

from __future__ import annotations

from typing import Any

import attrs
import jax
import jax.numpy as jnp

from nqx_graph.kernel.env import Array, Env
from nqx_graph.kernel.exact import ExactValues, both
from nqx_graph.kernel.structure import NEVER, SAME, Step


@attrs.frozen(eq=False)
class _Write:
    slot: int
    value: Array


@attrs.frozen(eq=False)
class _Flip:
    column: str
    condition: Array | None


class Target:
    """x' of one emission on all index rows."""

    def __init__(self, env: Env, steps: tuple[Step, ...], width: int = 64) -> None:
        """``width`` bits hold every value that x' has on the way."""
        self.env, self.dtype = env, env.state_dtype(width)
        self.history: list[_Write | _Flip] = []
        self.invalid: Array | None = None
        self._run(steps, None)

    def gains(self) -> list[Array]:
        """What every write adds to its site, one after another. [..., M] each"""
        writes = [(k, event) for k, event in enumerate(self.history) if isinstance(event, _Write)]
        return [event.value - self.read(event.slot, k) for k, event in writes]

    def read(self, slot: int, after: int | None = None) -> Array:
        """x' at a site slot as it stands, or as it stood after so many events. [..., M]"""
        env = self.env
        value = env.read(slot).astype(self.dtype)
        for event in self.history[:after]:
            if isinstance(event, _Write):
                relation = env.term.relation[event.slot][slot]
                if relation == SAME:
                    value = event.value
                elif relation != NEVER:
                    value = jnp.where(env.site(event.slot) == env.site(slot), event.value, value)
            else:
                masked = jnp.take_along_axis(env.column(event.column), env.site(slot)[:, None], axis=1)[:, 0] == 1
                value = jnp.where(_all(masked, event.condition), self._other_state(slot, value.dtype) - value, value)
        return value

    def write_out(self) -> Array:
        """x' in the dtype of x. [..., M, N]"""
        env = self.env
        x = env.x[..., None, :]
        numbers = jnp.arange(env.structure.size, dtype=jnp.int32)
        for event in self.history:
            if isinstance(event, _Write):
                here = env.site(event.slot)[:, None] == numbers
                x = jnp.where(here, event.value.astype(env.x.dtype)[..., None], x)
            else:
                condition = None if event.condition is None else event.condition[..., None]
                sums = self._state_sums().astype(env.x.dtype)
                x = jnp.where(_all(env.column(event.column) == 1, condition), sums - x, x)
        return x

    def outside(self, slots: tuple[int, ...]) -> Array | None:
        """Whether x' leaves the local states at any of the slots; None where it cannot. [..., M]"""
        found: Array | None = None
        for slot in slots:
            foreign = ~self.env.contains(self.read(slot), slot)
            found = foreign if found is None else found | foreign
        return found

    def _state_sums(self) -> Array:
        """Lowest plus highest local state of every site: a two-state site holding s changes to this minus s."""
        states = self.env.states
        return jnp.asarray(2 * states.low + states.step)

    def _other_state(self, slot: int, dtype: Any) -> Array:
        states = self.env.states
        return self.env.per_site(2 * states.low + states.step, slot, dtype)

    def _run(self, steps: tuple[Step, ...], condition: Array | None) -> None:
        for step in steps:
            if step.kind == "cond":
                assert step.predicate is not None
                holds = ExactValues(step.predicate, self.env).root()
                self._run(step.if_true, both(condition, holds))
                self._run(step.if_false, both(condition, ~holds))
            elif step.kind == "flip":
                self.history.append(_Flip(step.column, condition))
            elif step.kind == "invalidate":
                always = jnp.asarray(True) if condition is None else condition
                self.invalid = always if self.invalid is None else self.invalid | always
            else:
                self._write(step, condition)

    def _write(self, step: Step, condition: Array | None) -> None:
        """All values are read before any is written, but for scatter, which writes one after another."""
        for slot, value in zip(step.slots, self._values(step), strict=True):
            # x' is discrete: no derivative flows through it
            new = jax.lax.stop_gradient(value)
            if condition is not None:
                new = jnp.where(condition, new, self.read(slot))
            self.history.append(_Write(slot, new))

    def _values(self, step: Step) -> list[Array]:
        given = [ExactValues(lines, self.env).root() for lines in step.values]
        if step.kind in ("write", "scatter"):
            return [value.astype(jnp.result_type(value.dtype, self.dtype)) for value in given]
        old = [self.read(slot) for slot in step.slots]
        if step.kind in ("swap", "permute"):
            return [*old[1:], old[0]]
        if step.kind == "affine":
            return [given[0] * old[0] + given[1]]
        moved = old[0] + given[0]
        return [self.env.wrap(moved, step.slots[0]) if step.kind == "shift_mod" else moved]


def _all(a: Array, b: Array | None) -> Array:
    return a if b is None else a & b
