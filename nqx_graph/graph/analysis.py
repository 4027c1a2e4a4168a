"""What flows along an edge: a named, typed, documented value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from nqx_graph.errors import GraphError


def check_name(what: str, name: object) -> None:
    """Refuse a name that could not be a parameter of a function."""
    if not isinstance(name, str) or not name.isidentifier():
        raise GraphError(f"{what} needs an identifier for a name, because functions read by it; {name!r} is not one.")


@attrs.frozen
class Analysis:
    """The declaration of a value that stages read and write.

    Two analyses are the same when all four fields are equal.

    Args:
        name: what a stage calls its parameter to read it.
        type: its Python type, compared with the annotations of those who read it; ``Any`` accepts every annotation.
        doc: what the value is, in a finished sentence.
        digest: from a value to the bytes that stand for it in a cache key; ``None`` for "this value has no digest".

    Raises:
        GraphError: if the name is no identifier or the documentation is empty.
    """

    name: str = attrs.field()
    type: Any
    doc: str = attrs.field()
    digest: Callable[[Any], bytes | None] | None = None

    @name.validator
    def _check_name(self, _: object, name: object) -> None:
        check_name("An analysis", name)

    @doc.validator
    def _check_doc(self, _: object, doc: object) -> None:
        if not isinstance(doc, str) or not doc.strip():
            raise GraphError(f"Analysis({self.name!r}) has no documentation: say in a sentence what the value is.")
