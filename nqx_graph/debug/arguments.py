"""The three arguments, checked before anything is compiled."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from nqx_graph.errors import OptionTypeError
from nqx_graph.graph.instruments import checked_instruments


def checked_arguments(verify: Any, instruments: Iterable[Any], dump_dir: Any) -> tuple[Any, ...]:
    """The instruments as a tuple.

    Raises:
        OptionTypeError: for an argument that is not what it should be.
    """
    if not isinstance(verify, bool):
        raise OptionTypeError(f"verify must be True or False; it is {verify!r}.")
    if dump_dir is not None and not isinstance(dump_dir, str | os.PathLike):
        raise OptionTypeError(
            f"dump_dir must be the path of a folder, or None; it is {dump_dir!r}, a {type(dump_dir).__name__}."
        )
    return checked_instruments(instruments)
