"""The symbolic operator: an IR and its Hilbert space, with the algebra of operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nqx_graph.errors import OptionTypeError, UncompiledOperatorError
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.operators import algebra

if TYPE_CHECKING:
    from nqx_graph.connections import Connections
    from nqx_graph.operators.compiled import CompiledOperator

# what a compiled operator has and this one does not; asking for it names the mend
_COMPILED_ONLY = (
    "get_conn_padded", "get_conn", "get_conn_flattened", "n_conn", "to_dense", "to_sparse", "max_conn_size", "check",
    "parameters", "with_parameters", "with_columns", "to_jax_operator", "to_linear_operator", "collect", "H", "T",
)  # fmt: skip


class SymbolicOperator:
    """An operator as data. `compile` runs the dataflow graph and returns one that runs.

    ``A + B``, ``A - B``, ``c * A``, ``A / c``, ``-A`` and ``sum([A, B])`` give one symbolic operator whose terms are
    lowered together; ``c`` may be a number or a `symbol`.
    """

    __slots__ = ("__weakref__", "_hilbert", "_ir")
    # an array times an operator is refused as one; NumPy would make it an array of operators
    __array_ufunc__ = None

    def __init__(self, hilbert: Any, ir: SymbolicOperatorIR) -> None:
        self._hilbert = hilbert
        self._ir = ir

    @property
    def hilbert(self) -> Any:
        """The space it acts on."""
        return self._hilbert

    @property
    def name(self) -> str:
        """Its name."""
        return self._ir.operator_name

    @property
    def dtype(self) -> Any:
        """The dtype of its matrix elements."""
        import jax

        return jax.numpy.dtype(self._ir.dtype_str)

    @property
    def is_hermitian(self) -> bool:
        """Whether it was said to be hermitian."""
        return self._ir.is_hermitian

    def to_ir(self) -> SymbolicOperatorIR:
        """The IR, the same object each time."""
        return self._ir

    def compile(self, *, cache: bool = True, options: Any = None, **arguments: Any) -> CompiledOperator:
        """The operator as something that runs; all calls of the process share one store.

        Args:
            cache: whether the store is looked at and filled.
            options: `SymbolicCompilerOptions`; where given, its ``cache_enabled`` and ``cache`` must both allow the cache.
            **arguments: as `SymbolicCompiler.compile` takes them, such as ``metadata=``.

        Raises:
            SymbolicCompilerError: naming the stage that failed.
        """
        from nqx_graph.compiler import default_compiler, with_cache

        if not isinstance(cache, bool):
            raise OptionTypeError(f"cache must be True or False; it is {cache!r}.")
        operator: CompiledOperator = default_compiler().compile_operator(
            self, options=with_cache(options, cache), **arguments
        )
        return operator

    def explain(self, x: Any, /, **values: Any) -> Connections:
        """Every branch of one configuration x [N]: term, index row, emission, tag, x', matrix element, and what became of it.

        Nothing is compiled. A branch that leaves the local states is NaN, as it is by default where it is.

        Args:
            x: the configuration.
            **values: of free symbols; those left out have their defaults.

        Raises:
            ParameterError: for a free symbol without a value, or a name that is none.
            StateError: for a batch of configurations, or one that is not in the space. SampleTypeError: for a dtype that
                cannot hold the local states.
        """
        from nqx_graph.connections import explain_symbolic

        return explain_symbolic(self, x, values)

    def __getattr__(self, name: str) -> Any:
        if name in _COMPILED_ONLY:
            raise UncompiledOperatorError(
                f"the symbolic operator {self.name!r} has no {name}; call .compile() first: operator.compile().{name}."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise UncompiledOperatorError(f"the symbolic operator {self.name!r} does not run; call .compile() first.")

    def __repr__(self) -> str:
        return f"SymbolicOperator({self.name!r}, hilbert={self._hilbert!r}, dtype={self._ir.dtype_str}, terms={self._ir.term_count})"

    def __getstate__(self) -> tuple[Any, SymbolicOperatorIR]:
        return self._hilbert, self._ir

    def __setstate__(self, state: tuple[Any, SymbolicOperatorIR]) -> None:
        self._hilbert, self._ir = state

    def __add__(self, other: object) -> SymbolicOperator:
        if isinstance(other, int | float) and other == 0:  # what sum() starts with
            return self
        if not isinstance(other, SymbolicOperator):
            return NotImplemented
        return SymbolicOperator(self._hilbert, algebra.add(self._hilbert, self._ir, other._hilbert, other._ir))

    __radd__ = __add__

    def __sub__(self, other: object) -> SymbolicOperator:
        return self + (-other) if isinstance(other, SymbolicOperator) else NotImplemented

    def __mul__(self, factor: object) -> SymbolicOperator:
        if isinstance(factor, SymbolicOperator):
            return NotImplemented
        return SymbolicOperator(self._hilbert, algebra.scale(self._ir, factor, self._hilbert))

    __rmul__ = __mul__

    def __truediv__(self, factor: object) -> SymbolicOperator:
        if isinstance(factor, SymbolicOperator):
            return NotImplemented
        return SymbolicOperator(self._hilbert, algebra.scale(self._ir, factor, self._hilbert, divide=True))

    def __neg__(self) -> SymbolicOperator:
        return self * -1

    def __pos__(self) -> SymbolicOperator:
        return self
