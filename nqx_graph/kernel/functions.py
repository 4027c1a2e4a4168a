"""Functions that users registered, inside the kernel."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from nqx_graph.errors import DefinitionError, DTypeError
from nqx_graph.ir.functions import known
from nqx_graph.ir.table import Row
from nqx_graph.kernel.env import Array


def called(row: Row, given: list[Array], dtype: Any, mask: Any = None) -> Array:
    """The value of a call. Broadcasts to [..., M].

    Args:
        row: the call.
        given: its arguments.
        dtype: of the result.
        mask: where it is needed (None: everywhere); elsewhere the function is evaluated where it is safe.

    Raises:
        DefinitionError: if the function does not work element by element.
        DTypeError: if it gives complex numbers to a real operator.
    """
    function = known(row.data)
    if mask is not None:
        pairs = zip(given, function.safe, strict=True)
        given = [jnp.where(mask, value, jnp.asarray(safe, value.dtype)) for value, safe in pairs]
    if function.real_only:
        given = [value.real if jnp.iscomplexobj(value) else value for value in given]
    made = function.lower(*given)
    shape, shape_made = jnp.broadcast_shapes(*(value.shape for value in given)), getattr(made, "shape", None)
    if shape_made != shape:
        what = f"a {type(made).__name__}" if shape_made is None else f"the shape {shape_made}"
        raise DefinitionError(
            f"the function {function.name!r} made {what} of {shape}; it must work element by element."
        )
    if jnp.iscomplexobj(made) and not jnp.issubdtype(dtype, jnp.complexfloating):
        raise DTypeError(
            f"the function {function.name!r} gave complex numbers to an operator of {dtype}; say result='complex', and give the "
            "operator a complex dtype."
        )
    return jnp.asarray(made, dtype)
