"""Whether an operator is what ``hermitian=True`` says: <x|O|x'> the complex conjugate of <x'|O|x>."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import HermiticityError, OptionError, OptionTypeError

MOST_STATES = 4096
_CHUNK = 2**22  # numbers of x' at once
_TOLERANCE = {"float64": 1e-10, "complex128": 1e-10, "float32": 1e-4, "complex64": 1e-4}


@attrs.frozen
class Hermiticity:
    """That an operator passed: ``exact`` on all states, or on samples; how many ``pairs`` of states were compared."""

    exact: bool
    pairs: int

    def __bool__(self) -> bool:
        return True


def verify_hermitian(
    operator: Any, *, n_samples: int = 256, seed: int = 0, tolerance: float | None = None
) -> Hermiticity:
    """Compare ``<x|O|x'>`` with the complex conjugate of ``<x'|O|x>``.

    Every pair is compared where the space has at most 4096 states. On a larger one, ``n_samples`` random states are, each
    with the states that it is connected to: what is wrong on rare states only may be missed.

    Args:
        operator: a compiled operator with values for all its symbols, or a symbolic one, which is compiled first.
        n_samples: how many states are sampled where there are too many for all.
        seed: of the random states.
        tolerance: how far the two may be apart, as a fraction of the larger one, or of 1 if that is larger; as the
            rounding of the operator's dtype allows where not given.

    Returns:
        What was compared.

    Raises:
        HermiticityError: naming a pair of states and both matrix elements.
        CheckError, StateError: if a branch leaves the space, or a promise is broken.
        ParameterError: if a symbol has no value.
    """
    if type(n_samples) is not int or n_samples < 1:
        raise OptionError(f"n_samples must be a whole number from 1 up; it is {n_samples!r}.")
    if type(seed) is not int or not 0 <= seed < 2**32:
        raise OptionError(f"seed must be a whole number from 0 up, below 2**32; it is {seed!r}.")
    if tolerance is not None and not (isinstance(tolerance, int | float) and 0 <= tolerance < np.inf):
        raise OptionError(f"tolerance must be a number from 0 up; it is {tolerance!r}.")
    if not hasattr(type(operator), "get_conn_padded"):
        if not hasattr(operator, "to_ir"):
            raise OptionTypeError(f"verify_hermitian takes an operator; it was given {operator!r}.")
        # what it is about to find out is not to be refused before
        operator = _compiled(operator)
    allowed = _TOLERANCE.get(np.dtype(operator.dtype).name, 1e-2) if tolerance is None else tolerance
    hilbert = operator.hilbert
    if getattr(hilbert, "is_indexable", False) and hilbert.n_states <= MOST_STATES:
        return _on_all(operator, allowed)
    return _on_samples(operator, n_samples, seed, allowed)


def _compiled(operator: Any) -> Any:
    from nqx_graph.options import SymbolicCompilerOptions

    return operator.compile(options=SymbolicCompilerOptions(strict_validation=False), cache=False)


def _on_all(operator: Any, allowed: float) -> Hermiticity:
    states = np.asarray(operator.hilbert.all_states())
    operator.check(states)
    forward = operator.to_sparse().tocoo()
    backward = operator.to_sparse().conj().T.tocsr()
    if forward.nnz:
        both = np.asarray(backward[forward.row, forward.col]).ravel()
        _compare(operator.name, states[forward.row], states[forward.col], forward.data, both.conj(), allowed)
    return Hermiticity(True, int(forward.nnz))


def _on_samples(operator: Any, n_samples: int, seed: int, allowed: float) -> Hermiticity:
    import jax

    x = np.asarray(operator.hilbert.random_state(jax.random.key(seed), (n_samples,)))
    size, most, pairs = x.shape[-1], max(1, operator.max_conn_size), 0
    # as many x' of each sample as fit, so that one sample does not take all the time
    rng, each = np.random.default_rng(seed), max(1, min(most, _CHUNK // (size * most)))
    for own in x:
        operator.check(own)
        xp, mels = (np.asarray(array) for array in operator.get_conn_padded(own))
        slots = np.flatnonzero(mels)
        if len(slots) > each:
            slots = rng.choice(slots, each, replace=False)
        if not len(slots):
            continue
        # always of one length, so that one kernel serves
        reached = np.repeat(own[None], each, axis=0)
        reached[: len(slots)] = xp[slots]
        back, returned = (np.asarray(array) for array in operator.get_conn_padded(reached))
        there = np.where((xp[None] == reached[:, None]).all(-1), mels, 0).sum(-1)[: len(slots)]
        again = np.where((back == own).all(-1), returned, 0).sum(-1)[: len(slots)]
        _compare(operator.name, np.repeat(own[None], len(slots), axis=0), reached[: len(slots)], there, again, allowed)
        pairs += len(slots)
    return Hermiticity(False, pairs)


def _compare(name: str, x: NDArray[Any], xp: NDArray[Any], there: Any, back: Any, allowed: float) -> None:
    there, back = np.asarray(there), np.asarray(back)
    scale = np.maximum(1, np.maximum(np.abs(there), np.abs(back)))
    wrong = np.flatnonzero(~(np.abs(there - back.conj()) <= allowed * scale))  # NaN is wrong too
    if wrong.size:
        first = int(wrong[0])
        raise not_hermitian(name, x[first].tolist(), xp[first].tolist(), there[first].item(), back[first].item())


def not_hermitian(name: str, x: list[Any], xp: list[Any], there: Any, back: Any) -> HermiticityError:
    """The error, in words."""
    return HermiticityError(
        f"{name!r} is not hermitian: <x|O|x'> is {there} and <x'|O|x> is {back} for x = {x} and x' = {xp}; each has to be "
        "the complex conjugate of the other. Mend the amplitude, or add the branch that leads back; an operator that is "
        "not meant to be hermitian is written without hermitian=True.",
        x=x,
        x_prime=xp,
        forward=there,
        backward=back,
    )
