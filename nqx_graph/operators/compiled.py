"""The compiled operator: a kernel with its parameters and tables, as a pytree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs
import jax
import jax.numpy as jnp
import numpy as np

from nqx_graph.errors import StateError, TracedOperatorError
from nqx_graph.ir.encode import digest
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.kernel.fused_structure import FusedStructure, FusedTables
from nqx_graph.kernel.kernels import connected_kernel
from nqx_graph.kernel.structure import Structure, Tables
from nqx_graph.operators import matrices, parameters
from nqx_graph.operators.check import check
from nqx_graph.operators.samples import admit, on_device
from nqx_graph.space import SpaceView, view

if TYPE_CHECKING:
    from nqx_graph.connections import Connections


@attrs.frozen(eq=False)
class Static:
    """What a compiled operator has beside its arrays. Compared by structure and space, not by name."""

    structure: Structure | FusedStructure
    space: SpaceView
    ir: SymbolicOperatorIR

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Static)
            and self.structure == other.structure
            and self.ir.is_hermitian == other.ir.is_hermitian
            and bool(self.space.hilbert == other.space.hilbert)
        )

    def __hash__(self) -> int:
        return hash((self.structure, self.ir.is_hermitian, self.space.hilbert))


@jax.tree_util.register_pytree_node_class
class CompiledOperator:
    """An operator that runs: ``get_conn_padded(x)`` returns connected states and matrix elements <x|O|x'>.

    It is a pytree whose leaves are the parameters and the tables, so it may be an argument of ``jit``, ``grad`` and
    ``vmap``; operators of one structure share one compiled kernel. Two are equal if their content is: space, structure,
    tables and parameters.
    """

    _static: Static
    _tables: Tables | FusedTables
    _parameters: dict[str, Any]

    def __init__(self, static: Static, tables: Tables | FusedTables, values: Mapping[str, Any]) -> None:
        self._static = static
        self._tables = jax.tree.map(_as_leaf, tables._replace(mark=_mark(static.ir)))
        self._parameters = dict(values)

    @property
    def hilbert(self) -> Any:
        """The space it acts on."""
        return self._static.space.hilbert

    @property
    def ir(self) -> SymbolicOperatorIR:
        """The operator as data.

        Raises:
            TracedOperatorError: for an operator that a jitted function returned, if it was traced for another.
        """
        mark = self._tables.mark
        known = isinstance(mark, np.ndarray | jax.Array) and not isinstance(mark, jax.core.Tracer)
        if known and not np.all(np.asarray(mark) == _mark(self._static.ir)):
            raise TracedOperatorError(
                f"this operator was returned by a jitted function that was traced for another of its structure, "
                f"{self._static.ir.operator_name!r}, whose terms and names it carries: its kernel is right, what it says "
                "of itself is not. Return arrays from the function, and ask the operator that went in."
            )
        return self._static.ir

    @property
    def name(self) -> str:
        """Its name."""
        return self._static.ir.operator_name

    @property
    def dtype(self) -> Any:
        """The dtype of its matrix elements."""
        return jnp.dtype(self._static.ir.dtype_str)

    @property
    def is_hermitian(self) -> bool:
        """Whether it was said to be hermitian."""
        return self._static.ir.is_hermitian

    @property
    def max_conn_size(self) -> int:
        """C, the number of slots that `get_conn_padded` returns for every configuration."""
        return self._static.structure.n_slots

    @property
    def parameters(self) -> dict[str, Any]:
        """The free symbols with their values; None where a value is still to be given."""
        return dict(self._parameters)

    def with_parameters(self, /, **values: Any) -> Self:
        """A new operator over the same kernel with other values of free symbols. Nothing is recompiled.

        Values are scalars, traced ones too: ``jax.grad`` and ``jax.vmap`` work through this call.

        Raises:
            ParameterError: for a symbol that the operator does not have, a shape other than (), or a complex value in a
                real operator.
        """
        return self._replace(values=parameters.with_parameters(self._parameters, values, self.dtype, self.name))

    def with_columns(self, /, **arrays: Any) -> Self:
        """A new operator over the same kernel with other columns; in every term that has one of that name and shape.

        Raises:
            ParameterError: for a column that the operator does not have, or another shape or kind of number.
        """
        tables = parameters.with_columns(
            self._tables, arrays, self._static.structure, self._static.ir, self._static.space
        )
        return self._replace(tables=tables)

    def _replace(self, tables: Tables | FusedTables | None = None, values: Mapping[str, Any] | None = None) -> Self:
        made = object.__new__(type(self))
        made._restore(self._static, tables or self._tables, self._parameters if values is None else values)
        return made

    def _restore(self, static: Static, tables: Tables | FusedTables, values: Mapping[str, Any]) -> None:
        """Set the fields without touching the leaves, which may be tracers or placeholders of JAX."""
        self._static, self._tables, self._parameters = static, tables, dict(values)

    def get_conn_padded(self, x: Any) -> tuple[Any, Any]:
        """Connected states and matrix elements in a static shape.

        Args:
            x: configurations [..., N], of a dtype that can hold the local states.

        Returns:
            ``xp`` [..., C, N] in the dtype of x and ``mels`` [..., C] in the operator's. A slot that holds no branch has
            mel exactly 0 and xp = x.

        Raises:
            StateError: for another last axis than N. SampleTypeError: for a dtype that cannot hold the local states.
            ParameterError: for a free symbol that has no value yet.
        """
        x = admit(x, self._static.space)
        parameters.require_all(self._parameters, self.name)
        made: tuple[Any, Any] = connected_kernel(self._static.structure)(self._tables, self._parameters, x)
        return made

    def trace(self, x: Any) -> Any:
        """The kernel traced for a batch like x, to be lowered and compiled ahead of the first call."""
        x = admit(x, self._static.space)
        return connected_kernel(self._static.structure).trace(self._tables, self._parameters, x)

    def n_conn(self, x: Any, out: None = None) -> Any:
        """How many matrix elements are not exactly 0 (NaN counts), [...]."""
        if out is not None:
            raise StateError("n_conn returns a new array and cannot fill out=; leave it away.")
        return jnp.sum(self.get_conn_padded(x)[1] != 0, axis=-1)

    def get_conn(self, x: Any) -> tuple[Any, Any]:
        """The branches with a matrix element other than 0 for one configuration x [N], as NumPy arrays [K, N] and [K].

        Raises:
            StateError: for a batch of configurations.
        """
        if np.ndim(x) != 1:
            raise StateError(
                f"get_conn takes one configuration [N]; it was given the shape {np.shape(x)}. Batches go to get_conn_padded."
            )
        xp, mels = (np.asarray(array) for array in self.get_conn_padded(x))
        return xp[mels != 0], mels[mels != 0]

    def explain(self, x: Any) -> Connections:
        """Every branch of one configuration x [N]: term, index row, emission, tag, x', matrix element, and what became of it.

        It is run by the loops of the reference interpreter, with the parameters and columns that the operator has now:
        exact, and slow on large operators. Its branches are those that `get_conn` returns, and those that it does not:
        with a matrix element of 0, or dropped. Where the lowerer merges branches, they are listed as written.

        Raises:
            ParameterError: for a free symbol that has no value yet.
            StateError: for a batch of configurations, or one that is not in the space. SampleTypeError: for a dtype that
                cannot hold the local states.
        """
        from nqx_graph.connections import explain_compiled

        static = self._static
        return explain_compiled(static.ir, static.space, static.structure, self._tables, self._parameters, x)

    def check(self, x: Any) -> None:
        """Raise if, for any of the configurations x [..., N], a promise or the space is broken.

        Raises:
            CheckError: naming the term, the sample, and the numbers or the branch.
            StateError: if x itself is not in the space.
        """
        x = admit(x, self._static.space)
        parameters.require_all(self._parameters, self.name)
        check(self.ir, self._static.space, self._static.structure, self._tables, self._parameters, x)

    def to_sparse(self) -> Any:
        """The matrix <x|O|x'> over all states of an indexable space, as a SciPy CSR array.

        Raises:
            StateError: if a branch leaves the space. HilbertError: if the space is too large to be listed.
        """
        return matrices.to_sparse(self, self._static.space)

    def to_dense(self) -> Any:
        """The matrix <x|O|x'> over all states of an indexable space, as a NumPy array."""
        return np.asarray(self.to_sparse().toarray(), dtype=self.dtype)

    def tree_flatten(self) -> tuple[Any, Static]:
        """Leaves (tables and parameters) and the static rest."""
        return (self._tables, self._parameters), self._static

    @classmethod
    def tree_unflatten(cls, static: Static, leaves: Any) -> Self:
        """The inverse of `tree_flatten`."""
        made = object.__new__(cls)
        made._restore(static, *leaves)
        return made

    def __getstate__(self) -> dict[str, Any]:
        arrays = jax.tree.map(np.asarray, (self._tables, self._parameters))
        return {"hilbert": self.hilbert, "structure": self._static.structure, "ir": self.ir, "arrays": arrays}

    def __setstate__(self, state: dict[str, Any]) -> None:
        static = Static(state["structure"], view(state["hilbert"]), state["ir"])
        self.__init__(static, *state["arrays"])  # type: ignore[misc]  # pickle makes it without __init__
        self._parameters = jax.tree.map(_as_leaf, self._parameters)

    def _content(self) -> str | None:
        """A digest of tables and parameters, or None while they are traced."""
        leaves = jax.tree.leaves((self._tables._replace(mark=None), self._parameters))
        if not all(
            isinstance(leaf, np.ndarray | jax.Array) and not isinstance(leaf, jax.core.Tracer) for leaf in leaves
        ):
            return None
        return digest((sorted(self._parameters), [np.asarray(leaf) for leaf in leaves]))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not type(self) or not isinstance(other, CompiledOperator) or self._static != other._static:
            return False
        own = self._content()
        return own is not None and own == other._content()

    def __hash__(self) -> int:
        return hash((self._static, self._content()))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.name!r}, hilbert={self.hilbert!r}, dtype={self._static.ir.dtype_str}, "
            f"max_conn_size={self.max_conn_size})"
        )


def _mark(ir: SymbolicOperatorIR) -> Any:
    """Of tables, whose they are: operators of one structure share what is compiled, and jit returns what it traced first."""
    return np.frombuffer(b"\xff" + bytes.fromhex(ir.static_fingerprint()[:16]), dtype=np.int8)


def _as_leaf(array: Any) -> Any:
    # now, even while JAX traces: an operator compiled inside jit is kept in a store and must hold no tracer
    with jax.ensure_compile_time_eval():
        return on_device(array)


def initial_parameters(ir: SymbolicOperatorIR) -> dict[str, Any]:
    """The defaults of the free symbols in the operator's dtype; None where there is none."""
    dtype = jnp.dtype(ir.dtype_str)
    return {
        name: None if default is None else _as_leaf(np.asarray(default, dtype=dtype))
        for name, default in sorted(ir.symbols.items())
    }
