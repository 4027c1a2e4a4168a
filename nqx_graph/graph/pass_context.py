"""What a class pass is handed: what it declared to read, and a sentence for everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, NoReturn

from nqx_graph.errors import StageContractError, UndeclaredReadError, listed


def undeclared(reader: str, name: str, declared: Mapping[str, Any]) -> UndeclaredReadError:
    """The error of a reader who reaches for something else than was declared."""
    return UndeclaredReadError(
        f"{reader} reads {name!r} and has not declared it; it has {sorted(declared)}. Name it in reads=(...,).",
        name=name,
    )


class DeclaredAnalyses(MutableMapping[str, Any]):
    """Values by name, to be read: it looks like a dict so that a pass that writes to it is told what to do instead."""

    def __init__(self, values: Mapping[str, Any], reader: str) -> None:
        self._values, self._reader = values, reader

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            raise undeclared(self._reader, name, self._values)
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> NoReturn:
        raise StageContractError(
            f"{self._reader} writes {name!r} to context.analyses, which is read-only. Declare it in writes= and return it."
        )

    def __delitem__(self, name: str) -> NoReturn:
        raise StageContractError(
            f"{self._reader} deletes {name!r} from context.analyses, which is read-only. Leave it: others read it too."
        )

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({listed(self._values)})"


class PassContext:
    """What a pass declared to read, as attributes and in ``analyses``."""

    __slots__ = ("_reader", "_values")

    _reader: str
    _values: Mapping[str, Any]

    def __init__(self, values: Mapping[str, Any], *, reader: str) -> None:
        object.__setattr__(self, "_values", dict(values))
        object.__setattr__(self, "_reader", reader)

    @property
    def analyses(self) -> DeclaredAnalyses:
        """The same values by name."""
        return DeclaredAnalyses(self._values, self._reader)

    def __getattr__(self, name: str) -> Any:
        return self.analyses[name]

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise StageContractError(
            f"{self._reader} sets {name!r} on its context, which is read-only. Declare it in writes= and return it."
        )
