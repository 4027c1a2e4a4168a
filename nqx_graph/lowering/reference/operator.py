"""The operator that runs the loop for each sample."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nqx_graph.errors import DTypeError, HilbertError, OptionError, StateError, listed, nearest
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.reference import matrices
from nqx_graph.lowering.reference.check import check_state, check_term
from nqx_graph.lowering.reference.columns import with_columns
from nqx_graph.lowering.reference.configurations import as_samples, stored
from nqx_graph.lowering.reference.loop import Branch, branches
from nqx_graph.lowering.reference.parameters import require_symbols, symbol_values
from nqx_graph.space import SpaceView

if TYPE_CHECKING:
    from nqx_graph.connections import Connections

OUT_OF_DOMAIN = ("nan", "drop", "trust")


class ReferenceOperator:
    """An operator that runs the loop of `branches` for each sample; it has the methods of a compiled operator.

    Args:
        ir: the operator.
        hilbert: its Hilbert space.
        space: the view of that space.
        on_out_of_domain: what becomes of a branch that leaves the local states: ``"nan"``, ``"drop"`` or ``"trust"``.
        parameters: values of free symbols.
        columns: arrays in place of columns of the terms.
        float_dtype: of predicates and updates where they are not integer.

    Raises:
        OptionError: for another ``on_out_of_domain``.
        ParameterError: for a parameter or column that is not there, or does not fit.
        HilbertError: for a space of another size.
    """

    def __init__(
        self,
        ir: SymbolicOperatorIR,
        hilbert: Any,
        space: SpaceView,
        *,
        on_out_of_domain: str = "nan",
        parameters: Mapping[str, Any] | None = None,
        columns: Mapping[str, Any] | None = None,
        float_dtype: DTypeLike = np.float64,
    ) -> None:
        if on_out_of_domain not in OUT_OF_DOMAIN:
            raise OptionError(
                f"on_out_of_domain is {on_out_of_domain!r}; it can be {listed(OUT_OF_DOMAIN)}."
                + nearest(str(on_out_of_domain), OUT_OF_DOMAIN)
            )
        if space.size != ir.hilbert_size:
            raise HilbertError(f"the operator is written for {ir.hilbert_size} sites; the space has {space.size}.")
        self.ir = with_columns(ir, columns or {})
        self.hilbert = hilbert
        self.space = space
        self.on_out_of_domain = on_out_of_domain
        self.float_dtype = np.dtype(float_dtype)
        self._symbols = symbol_values(ir, parameters or {})

    @property
    def name(self) -> str:
        """The operator's name."""
        return self.ir.operator_name

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the matrix elements."""
        return np.dtype(self.ir.dtype_str)

    @property
    def is_hermitian(self) -> bool:
        """Whether the operator was declared Hermitian."""
        return self.ir.is_hermitian

    @property
    def max_conn_size(self) -> int:
        """Number of slots C: the sum of the terms' fanouts."""
        return sum(term.fanout for term in self.ir.terms)

    @property
    def parameters(self) -> dict[str, Any]:
        """The free symbols with their values in the operator's dtype; None where a value is still to be given."""
        return {name: self._symbols.get(name) for name in sorted(self.ir.symbols)}

    def with_parameters(self, /, **values: Any) -> ReferenceOperator:
        """The same operator with other values of free symbols."""
        return self._changed(parameters={**self._symbols, **values})

    def with_columns(self, /, **arrays: Any) -> ReferenceOperator:
        """The same operator with other numbers in the columns of these names and shapes."""
        return self._changed(columns=arrays)

    def _changed(self, **changes: Any) -> ReferenceOperator:
        options: dict[str, Any] = {
            "on_out_of_domain": self.on_out_of_domain,
            "parameters": self._symbols,
            "float_dtype": self.float_dtype,
        }
        return ReferenceOperator(self.ir, self.hilbert, self.space, **{**options, **changes})

    def get_conn_padded(self, x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Connected states and matrix elements in a fixed number of slots.

        Args:
            x: configurations, [..., N].

        Returns:
            xp [..., C, N] in the dtype of x and mels [..., C] in the operator's. A slot without a branch has mel 0 and
            xp = x. A sample in which a term breaks its promise has NaN in all mels.

        Raises:
            StateError: x has another last axis than N.
            SampleTypeError: the dtype of x cannot hold the local states.
            ParameterError: a free symbol has no value.
            DTypeError: NaN is due, and the operator has an integer dtype.
        """
        samples = as_samples(x, self.space)
        require_symbols(self.ir, self._symbols)
        leading, rows = samples.shape[:-1], samples.reshape(-1, self.space.size)
        xp = np.repeat(rows[:, None, :], self.max_conn_size, axis=1)
        mels = np.zeros((len(rows), self.max_conn_size), dtype=self.dtype)
        for sample, row in enumerate(rows):
            self._fill(row, xp[sample], mels[sample])
        return xp.reshape(*leading, *xp.shape[1:]), mels.reshape(*leading, self.max_conn_size)

    def _fill(self, x: NDArray[Any], xp: NDArray[Any], mels: NDArray[Any]) -> None:
        """Put the branches of x [N] into the slots xp [C, N] and mels [C], which hold x and zeros."""
        first, broken = 0, False
        for term, found in zip(self.ir.terms, self._by_term(x), strict=True):
            if term.fanout < term.max_fanout:
                slots = list(range(len(found)))
                broken = broken or len(found) > term.fanout
            else:
                slots = [branch.row * len(term.emissions) + branch.emission for branch in found]
            for slot, branch in zip(slots[: term.fanout], found, strict=False):
                if branch.outside and self.on_out_of_domain == "nan":
                    mels[first + slot] = self._nan(f"a branch of term {term.name!r} leaves the local states")
                else:
                    xp[first + slot] = [stored(value, x.dtype) for value in branch.target]
                    mels[first + slot] = branch.mel
            first += term.fanout
        if broken:
            mels[:] = self._nan("a term has more active branches than it promises")

    def _by_term(self, x: NDArray[Any]) -> list[list[Branch]]:
        """The active branches of x [N], a list for each term; those that are to be dropped left out."""
        found: list[list[Branch]] = [[] for _ in self.ir.terms]
        for branch in branches(self.ir, self.space, x, self._symbols, float_dtype=self.float_dtype):
            if not (branch.outside and self.on_out_of_domain == "drop"):
                found[branch.term].append(branch)
        return found

    def _nan(self, why: str) -> Any:
        if self.dtype.kind == "i":
            raise DTypeError(f"{why}, which NaN tells, and the operator is {self.dtype}. Give it a floating dtype.")
        return self.dtype.type(math.nan)

    def n_conn(self, x: ArrayLike) -> NDArray[Any]:
        """How many matrix elements are not exactly 0 (NaN is not), [...] of x [..., N]."""
        return np.asarray(np.sum(self.get_conn_padded(x)[1] != 0, axis=-1))

    def get_conn(self, x: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Connected states [n, N] and matrix elements [n] of one configuration [N], without those that are 0."""
        if np.ndim(x) != 1:
            raise StateError(f"get_conn takes one configuration [N]; this x has shape {np.shape(x)}.")
        xp, mels = self.get_conn_padded(x)
        return xp[mels != 0], mels[mels != 0]

    def explain(self, x: ArrayLike) -> Connections:
        """Every branch of one configuration [N], as the one of a compiled operator."""
        from nqx_graph.connections import explain_reference

        return explain_reference(self, x)

    def to_dense(self) -> NDArray[Any]:
        """The matrix <x|O|x'>, [n_states, n_states], rows and columns in the order of the space."""
        return matrices.dense(self.get_conn, self.hilbert, self.space, self.dtype)

    def to_sparse(self) -> Any:
        """The matrix <x|O|x'> as a SciPy CSR matrix (in float32 where the operator has half of that)."""
        return matrices.sparse(self.get_conn, self.hilbert, self.space, self.dtype)

    def check(self, x: ArrayLike) -> None:
        """Look for broken promises and for branches that leave the space in configurations x [..., N].

        A branch that leaves the local states is not reported where it is to be dropped, nor one that breaks the
        constraint with a matrix element of exactly 0: neither is in any result.

        Raises:
            StateError: a configuration is not in the space.
            CheckError: naming the term, the sample and what is wrong.
        """
        samples = as_samples(x, self.space)
        require_symbols(self.ir, self._symbols)
        for sample in np.ndindex(samples.shape[:-1]):
            check_state(samples[sample], sample, self.space)
        for sample in np.ndindex(samples.shape[:-1]):
            for term, found in zip(self.ir.terms, self._by_term(samples[sample]), strict=True):
                check_term(found, term, sample, self.space)
