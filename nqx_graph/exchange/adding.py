"""Equal strings are added up, each sum rounded once, so that neither order nor pairing of the summands matters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nqx_graph.errors import ConversionError
from nqx_graph.fusion.rows import grouped

Masks = NDArray[np.int64]


def numbers(weights: Any, count: int, what: str) -> NDArray[Any]:
    """Weights as float64 or complex128 [M]; one number stands for all.

    Raises:
        ConversionError: for another count, or for what is no finite number.
    """
    try:
        given = np.asarray(weights if np.ndim(weights) else [weights] * count)
    except ValueError:
        given = np.array(None)
    if given.dtype.kind not in "biufc" and given.size:
        raise ConversionError(f"the weights of {what} must be numbers, one a string; they are {weights!r}.")
    wide = given.astype(np.complex128 if given.dtype.kind == "c" else np.float64)
    if wide.shape != (count,):
        raise ConversionError(
            f"{what} has {count} strings and weights of shape {wide.shape}; give one weight a string."
        )
    bad = np.flatnonzero(~np.isfinite(wide))
    if bad.size:
        raise ConversionError(
            f"weight {int(bad[0])} of {what} is {wide[bad[0]]}; weights are finite.", position=int(bad[0])
        )
    return wide


def added(keys: Masks, weights: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The first row of each kind of row of ``keys`` [M, W], and the sum of its weights; without sums that are exactly 0."""
    group, first = grouped(keys)
    total = weights[first].copy()
    several = np.flatnonzero(np.bincount(group, minlength=len(first)) > 1)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], several)
    ends = np.searchsorted(group[order], several, side="right")
    for kind, start, end in zip(several.tolist(), starts.tolist(), ends.tolist(), strict=True):
        total[kind] = _sum(weights[order[start:end]])
    kept = np.flatnonzero(total)
    return first[kept], total[kept]


def _sum(summands: NDArray[Any]) -> Any:
    if np.iscomplexobj(summands):
        return complex(math.fsum(summands.real.tolist()), math.fsum(summands.imag.tolist()))
    return math.fsum(summands.tolist())


def real_if_all_are(weights: NDArray[Any]) -> NDArray[Any]:
    """Real numbers, where no imaginary part is other than 0."""
    return weights.real.copy() if np.iscomplexobj(weights) and not np.any(weights.imag) else weights


def element_dtype(dtype: Any, elements: NDArray[Any], what: str) -> Any:
    """The dtype to ask for: that given; else a real one where all elements are real.

    Raises:
        ConversionError: for a real dtype and elements that are complex.
    """
    if dtype is None:
        return complex if np.iscomplexobj(elements) else float
    if np.iscomplexobj(elements) and not np.issubdtype(_numpy(dtype), np.complexfloating):
        raise ConversionError(f"{what} has complex matrix elements; dtype={dtype!r} cannot hold them. Leave dtype out.")
    return dtype


def _numpy(dtype: Any) -> Any:
    import jax

    return jax.numpy.dtype(dtype)
