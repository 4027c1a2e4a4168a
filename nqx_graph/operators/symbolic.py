"""The symbolic operator: an IR and its Hilbert space, with the algebra of operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from nqx_graph.errors import OptionError, OptionTypeError, UncompiledOperatorError
from nqx_graph.ir.expr import as_amplitude
from nqx_graph.ir.kinds import COMPLEX, dtype_kind
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.operators import algebra, words

if TYPE_CHECKING:
    from nqx_graph.connections import Connections
    from nqx_graph.operators.compiled import CompiledOperator

# what a compiled operator has and this one does not; asking for it names the mend
_COMPILED_ONLY = (
    "get_conn_padded", "get_conn", "get_conn_flattened", "n_conn", "to_dense", "to_sparse", "max_conn_size", "check",
    "parameters", "with_parameters", "with_columns", "to_jax_operator", "to_linear_operator", "collect",
)  # fmt: skip


class SymbolicOperator:
    """An operator as data. `compile` runs the dataflow graph and returns one that runs.

    ``A + B``, ``A - B``, ``c * A``, ``A / c``, ``-A``, ``sum([A, B])``, ``A @ B``, ``A ** n``, ``A.H``, ``A.T`` and
    ``A.conj()`` give one symbolic operator whose terms are lowered together; ``c`` may be a number or a `symbol`. In products
    and their like, columns are numbers that cannot be given anew.
    """

    __slots__ = ("__weakref__", "_hilbert", "_ir", "_words")
    # an array times an operator is refused as one; NumPy would make it an array of operators
    __array_ufunc__ = None

    def __init__(self, hilbert: Any, ir: SymbolicOperatorIR) -> None:
        self._hilbert = hilbert
        self._ir = ir
        self._words: words.Words | None = words.letter(ir)  # what it was made of

    def _with(self, ir: SymbolicOperatorIR, made_of: words.Words | None, stays: bool = False) -> SymbolicOperator:
        """An operator over the same space; hermitian where ``stays`` says so, or its words do."""
        hermitian = stays or words.is_hermitian(made_of)
        made = SymbolicOperator(self._hilbert, attrs.evolve(ir, is_hermitian=hermitian))
        made._words = made_of
        return made

    def _words_in(self, dtype: str) -> words.Words | None:
        widens = dtype_kind(dtype) == COMPLEX and dtype_kind(self._ir.dtype_str) != COMPLEX
        # symbols that were real may now be complex
        return None if widens and self._ir.symbols else self._words

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
        """Whether it was said to be hermitian, or is made of such that are, in a way that proves it: ``A + A.H``."""
        return self._ir.is_hermitian

    @property
    def padded_size(self) -> int:
        """How many slots its branches take before a compile merges any: the fanouts of all terms."""
        return sum(term.fanout for term in self._ir.terms)

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
        self._words = words.letter(self._ir)

    def __add__(self, other: object) -> SymbolicOperator:
        if isinstance(other, int | float) and other == 0:  # what sum() starts with
            return self
        if not isinstance(other, SymbolicOperator):
            return NotImplemented
        ir = algebra.add(self._hilbert, self._ir, other._hilbert, other._ir)
        return self._with(ir, words.plus(*self._words_with(other, ir)), ir.is_hermitian)

    __radd__ = __add__

    def _words_with(self, other: SymbolicOperator, ir: SymbolicOperatorIR) -> tuple[words.Words | None, ...]:
        return self._words_in(ir.dtype_str), other._words_in(ir.dtype_str)

    def __sub__(self, other: object) -> SymbolicOperator:
        return self + (-other) if isinstance(other, SymbolicOperator) else NotImplemented

    def __mul__(self, factor: object) -> SymbolicOperator:
        return NotImplemented if isinstance(factor, SymbolicOperator) else self._multiple(factor, divide=False)

    __rmul__ = __mul__

    def __truediv__(self, factor: object) -> SymbolicOperator:
        return NotImplemented if isinstance(factor, SymbolicOperator) else self._multiple(factor, divide=True)

    def _multiple(self, factor: object, *, divide: bool) -> SymbolicOperator:
        ir = algebra.scale(self._ir, factor, self._hilbert, divide=divide)
        real = dtype_kind(ir.dtype_str) != COMPLEX
        made_of = words.scaled(self._words_in(ir.dtype_str), as_amplitude(factor), divide=divide, real=real)
        return self._with(ir, made_of, ir.is_hermitian)

    def __neg__(self) -> SymbolicOperator:
        return self * -1

    def __pos__(self) -> SymbolicOperator:
        return self

    def __matmul__(self, other: object) -> SymbolicOperator:
        if not isinstance(other, SymbolicOperator):
            return NotImplemented
        ir = _multiplication().multiply(self._hilbert, self._ir, other._hilbert, other._ir)
        return self._with(ir, words.times(*self._words_with(other, ir)))

    def __pow__(self, power: object) -> SymbolicOperator:
        if not isinstance(power, int | np.integer) or isinstance(power, bool) or power < 0:
            raise OptionError(f"an operator is raised to a whole number from 0 up; it is {power!r}.")
        power = int(power)
        if power == 0:
            return self._with(_multiplication().unit(self._hilbert, self._ir), {((), ()): 1})
        made = self
        for _ in range(power - 1):
            made = made @ self
        if power == 1:
            return self
        return made._with(attrs.evolve(made._ir, operator_name=f"{_grouped(self._ir)} ** {power}"), made._words)

    def adjoint(self) -> SymbolicOperator:
        """The adjoint: ``<x|A†|x'> = conj(<x'|A|x>)``, worked out from the branches whatever was said of the operator.

        A promise is not one of the adjoint, which has rows × emissions slots.

        Raises:
            DefinitionError: naming the term, where a branch may leave the local states or cannot be walked back.
        """
        ir = _multiplication().adjoint(self._hilbert, self._ir)
        return self._with(ir, words.star(self._words), self.is_hermitian)

    @property
    def H(self) -> SymbolicOperator:  # noqa: N802  # NetKet's name
        """The `adjoint`."""
        return self.adjoint()

    def transpose(self) -> SymbolicOperator:
        """The transpose: ``<x|A^T|x'> = <x'|A|x>``. Refused where `adjoint` is."""
        ir = _multiplication().transpose(self._hilbert, self._ir)
        return self._with(ir, words.bar(words.star(self._words)), self.is_hermitian)

    @property
    def T(self) -> SymbolicOperator:  # noqa: N802  # NetKet's name
        """The `transpose`."""
        return self.transpose()

    def conj(self) -> SymbolicOperator:
        """The complex conjugate, entry by entry; an operator of a real dtype itself."""
        ir = _multiplication().conjugate(self._hilbert, self._ir)
        return self if ir is self._ir else self._with(ir, words.bar(self._words), self.is_hermitian)

    conjugate = conj

    def _commuted(self, other: SymbolicOperator, sign: int) -> SymbolicOperator:
        ir = _multiplication().commute(self._hilbert, self._ir, other._hilbert, other._ir, sign)
        a, b = self._words_with(other, ir)
        back = words.times(b, a)
        if sign < 0:
            back = words.scaled(back, as_amplitude(-1), divide=False, real=True)
        return self._with(ir, words.plus(words.times(a, b), back))


def _multiplication() -> Any:
    from nqx_graph.operators import multiplication

    return multiplication


def _grouped(ir: SymbolicOperatorIR) -> str:
    name: str = _multiplication().grouped(ir)
    return name
