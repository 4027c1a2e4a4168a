"""NetKet: its Hilbert spaces as the compiler sees them, and compiled operators that are its operators.

The only file that imports netket; imported when a space of NetKet's is first met.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import attrs
import jax
import netket as nk
import numpy as np
from netket.operator import DiscreteJaxOperator
from netket.operator._prod import ProductOperator
from netket.operator._sum import SumOperator

from nqx_graph.errors import HilbertError, IRFormatError, UncompiledOperatorError
from nqx_graph.ir.encode import encode
from nqx_graph.operators import matrices
from nqx_graph.operators.compiled import CompiledOperator
from nqx_graph.operators.symbolic import SymbolicOperator
from nqx_graph.space import SpaceView, from_states, unbounded

_SUMS = (nk.hilbert.constraint.SumConstraint, nk.hilbert.constraint.SumOnPartitionConstraint)


@jax.tree_util.register_pytree_node_class
class NetKetOperator(CompiledOperator, DiscreteJaxOperator):  # type: ignore[misc]  # NetKet has no type stubs
    """A compiled operator over a NetKet space: a ``netket.operator.DiscreteJaxOperator`` in every respect."""

    def to_sparse(self, jax_: bool = False) -> Any:
        """The matrix over all states: a SciPy CSR array, or a JAX BCSR with ``jax_=True``."""
        if jax_:
            return DiscreteJaxOperator.to_sparse(self, jax_=True)
        return matrices.to_sparse(self, self._static.space)

    def __add__(self, other: Any) -> Any:
        """A lazy sum of NetKet's."""
        if not isinstance(other, nk.operator.AbstractOperator):
            return NotImplemented
        return SumOperator(self, other)

    def _op__matmul__(self, other: Any) -> Any:
        """A lazy product of NetKet's."""
        return ProductOperator(self, other)


def describe(space: Any) -> SpaceView:
    """A NetKet space as the compiler sees it.

    Raises:
        HilbertError: for a space that is not discrete.
    """
    if not isinstance(space, nk.hilbert.DiscreteHilbert):
        raise HilbertError(
            f"{space!r} is not discrete; give a netket.hilbert.DiscreteHilbert such as Spin, Fock or Qubit."
        )
    form, why = _form(space)
    digest = None if form is None else hashlib.sha256(encode(("netket.hilbert", form))).hexdigest()
    if not space.is_finite:
        view = unbounded(space, form, digest, why)
    else:
        view = from_states(space, _site_states(space), form, digest, _membership(space), why)
    return attrs.evolve(view, operator_class=NetKetOperator)


def _site_states(space: Any) -> list[Any]:
    """The local states of every site; one entry where all sites share them."""
    if isinstance(space, nk.hilbert.HomogeneousHilbert):
        return [np.asarray(space.local_states)]
    return [np.asarray(space.states_at_index(site)) for site in range(space.size)]


def _parts(space: Any) -> tuple[Any, ...] | None:
    """The factors of a tensor product or a doubled space; None for any other."""
    if isinstance(space, nk.hilbert.TensorHilbert):
        return tuple(space.subspaces)
    if isinstance(space, nk.hilbert.DoubledHilbert):
        return (space.physical, space.physical)
    return None


def _factors(space: Any) -> list[Any]:
    """All that a space is a product of, itself where it is none."""
    parts = _parts(space)
    return [space] if parts is None else [factor for part in parts for factor in _factors(part)]


def _membership(space: Any) -> Callable[[Any], Any] | None:
    """Whether configurations [B, N] fulfil the constraints of a space and of its factors; None where there are none."""
    parts = _factors(space)
    constraints = [getattr(part, "constraint", None) for part in parts]
    if all(constraint is None for constraint in constraints):
        return None
    ends = np.cumsum([part.size for part in parts]).tolist()

    def contains(x: Any) -> Any:
        held = np.ones(len(x), dtype=bool)
        for part, end, constraint in zip(parts, ends, constraints, strict=True):
            if constraint is not None:
                held &= np.asarray(constraint(x[:, end - part.size : end]))
        return held

    return contains


def _form(space: Any) -> tuple[dict[str, Any] | None, str]:
    """The space as data, or None and why it has no such form."""
    kind = type(space)
    parts = _parts(space)
    if parts is not None:
        if not kind.__module__.startswith("netket."):
            return None, f"{kind.__name__} has no form as data"  # it may have other states than what it is derived from
        forms = [_form(part) for part in parts]
        missing = [why for form, why in forms if form is None]
        name = "Tensor" if isinstance(space, nk.hilbert.TensorHilbert) else "Doubled"
        return ({"kind": name, "parts": [form for form, _ in forms]}, "") if not missing else (None, missing[0])
    constraint = getattr(space, "constraint", None)
    if constraint is not None and type(constraint) not in _SUMS:
        return None, f"the constraint {type(constraint).__name__} of {space!r} has no form as data"
    common = {"N": int(space.size), "constraint": _constraint_form(constraint)}
    if kind is nk.hilbert.Spin:
        return {"kind": "Spin", "local_states": np.asarray(space.local_states).tolist(), **common}, ""
    if kind is nk.hilbert.Qubit:
        return {"kind": "Qubit", **common}, ""
    if kind is nk.hilbert.Fock:
        return {"kind": "Fock", "n_max": int(space.n_max) if space.is_finite else None, **common}, ""
    if kind is nk.hilbert.SpinOrbitalFermions:
        return {"kind": "SpinOrbitalFermions", "n_orbitals": space.n_orbitals, "s": space.spin, **common}, ""
    return None, f"{kind.__name__} has no form as data"


def _constraint_form(constraint: Any) -> Any:
    if constraint is None:
        return None
    if isinstance(constraint, nk.hilbert.constraint.SumConstraint):
        return {"sum": int(constraint.sum_value)}
    return {"sums": list(map(int, constraint.sum_values)), "sizes": list(map(int, constraint.sizes))}


def from_form(form: Any) -> Any:
    """The space whose form as data this is; the inverse of what `describe` writes in ``SpaceView.form``.

    Raises:
        IRFormatError: for anything else.
    """
    try:
        made = _from_form(form)
        same = _form(made)[0] == form
    except Exception as error:
        # NetKet refuses arguments with errors of every kind
        raise IRFormatError(f"{form!r} is no NetKet space as data: {type(error).__name__}: {error}") from error
    if not same:
        raise IRFormatError(f"{form!r} is no NetKet space as data; the nearest one is {made!r}.")
    return made


def _from_form(form: Any) -> Any:
    kind = form["kind"]
    if kind in ("Tensor", "Doubled"):
        parts = [_from_form(part) for part in form["parts"]]
        return nk.hilbert.DoubledHilbert(parts[0]) if kind == "Doubled" else nk.hilbert.TensorHilbert(*parts)
    size, conserved = form["N"], form["constraint"] or {}
    total, sums = conserved.get("sum"), conserved.get("sums")
    if kind == "Spin":
        states = form["local_states"]
        given = {"total_sz": total / 2} if total is not None else {"constraint": _constraint(conserved)}
        return nk.hilbert.Spin((len(states) - 1) / 2, size, inverted_ordering=states[0] < states[-1], **given)
    if kind == "Qubit":
        return nk.hilbert.Qubit(size)
    if kind == "Fock":
        given = {"n_particles": total} if total is not None else {"constraint": _constraint(conserved)}
        return nk.hilbert.Fock(form["n_max"], size, **given)
    if kind == "SpinOrbitalFermions":
        per_spin = None if sums is None else tuple(sums)
        return nk.hilbert.SpinOrbitalFermions(
            form["n_orbitals"], form["s"], n_fermions=total, n_fermions_per_spin=per_spin
        )
    raise ValueError(f"there is no kind {kind!r}")


def _constraint(form: Any) -> Any:
    """A constraint on the sums of groups of sites; one on the sum of all is an argument of the spaces."""
    return nk.hilbert.constraint.SumOnPartitionConstraint(tuple(form["sums"]), tuple(form["sizes"])) if form else None


def _refuse(operator: SymbolicOperator) -> NoReturn:
    raise UncompiledOperatorError(
        f"the symbolic operator {operator.name!r} was given where a compiled one is needed; call .compile() on it first."
    )


@nk.vqs.expect.dispatch  # type: ignore[untyped-decorator]  # NetKet has no type stubs
def _expect(state: nk.vqs.VariationalState, operator: SymbolicOperator, *arguments: Any) -> Any:
    _refuse(operator)


@nk.vqs.expect_and_grad.dispatch  # type: ignore[untyped-decorator]  # NetKet has no type stubs
def _expect_and_grad(state: nk.vqs.VariationalState, operator: SymbolicOperator, *arguments: Any, **_: Any) -> Any:
    _refuse(operator)


@nk.vqs.expect_and_forces.dispatch  # type: ignore[untyped-decorator]  # NetKet has no type stubs
def _expect_and_forces(state: nk.vqs.VariationalState, operator: SymbolicOperator, *arguments: Any, **_: Any) -> Any:
    _refuse(operator)


def packed_kernel() -> Callable[..., Any] | None:
    """NetKet's kernel of local energies that skips connected states equal to the sample; None before NetKet 3.23."""
    try:
        from netket.vqs.mc.kernels_packed import local_value_kernel_jax_packed
    except ImportError:
        return None
    kernel: Callable[..., Any] = local_value_kernel_jax_packed
    return kernel


#: What `MCState` computes local energies with. None: what NetKet takes for operators of its own.
local_energy_kernel = packed_kernel()


# Padding and diagonal slots repeat the sample, so that the packed kernel evaluates the network on none of them. Precedence,
# because MCMixedState is an MCState: a rule for the state's own class goes before one for the operator's.
@partial(nk.vqs.get_local_kernel.dispatch, precedence=-1)
def _local_kernel(state: nk.vqs.MCState, operator: NetKetOperator) -> Any:
    netkets = nk.vqs.get_local_kernel.invoke(nk.vqs.MCState, DiscreteJaxOperator)
    return local_energy_kernel or netkets(state, operator)


@partial(nk.vqs.get_local_kernel.dispatch, precedence=-1)
def _local_kernel_in_chunks(state: nk.vqs.MCState, operator: NetKetOperator, chunk_size: int) -> Any:
    netkets = nk.vqs.get_local_kernel.invoke(nk.vqs.MCState, DiscreteJaxOperator, int)
    return local_energy_kernel or netkets(state, operator, chunk_size)
