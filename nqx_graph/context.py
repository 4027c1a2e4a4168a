"""The working state of a compile, as passes and lowerers see it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import attrs

from nqx_graph.graph.pass_context import DeclaredAnalyses, undeclared
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.space import SpaceView

# what a compile is given, beside the analyses that its stages compute
INPUTS = ("operator", "options", "metadata", "store", "flights", "registry", "identities", "call_record", "history")


def _read_only(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@attrs.frozen(eq=False)
class SymbolicCompilationContext:
    """What a compile has so far: its inputs and the analyses computed up to now.

    A lowerer or pass is handed one that holds what it declared to read and nothing else.

    Args:
        values: inputs and analyses by name.
        reader: whom it is handed to, for messages.
        selected_lowerer: the lowerer that was resolved, once one was.
    """

    values: Mapping[str, Any] = attrs.field(converter=_read_only)
    reader: str = "this context"
    selected_lowerer: Any = None

    @classmethod
    def of(
        cls, operator: Any, *, options: Any = None, metadata: Mapping[str, Any] | None = None
    ) -> SymbolicCompilationContext:
        """The context that a compile of an operator starts with."""
        return cls(
            {"operator": operator, "options": options or SymbolicCompilerOptions(), "metadata": dict(metadata or {})}
        )

    def _value(self, name: str) -> Any:
        if name not in self.values:
            raise undeclared(self.reader, name, self.values)
        return self.values[name]

    @property
    def operator(self) -> Any:
        """The object that is compiled."""
        return self._value("operator")

    @property
    def ir(self) -> SymbolicOperatorIR:
        """The operator as data."""
        ir: SymbolicOperatorIR = self._value("ir")
        return ir

    @property
    def space(self) -> SpaceView:
        """The Hilbert space as the compiler sees it."""
        space: SpaceView = self._value("space")
        return space

    @property
    def hilbert(self) -> Any:
        """The Hilbert space itself."""
        if "hilbert" in self.values:
            return self.values["hilbert"]
        return self.space.hilbert

    @property
    def options(self) -> SymbolicCompilerOptions:
        """The effective options."""
        options: SymbolicCompilerOptions = self._value("options")
        return options

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the caller of the compile attached to it."""
        metadata: Mapping[str, Any] = self._value("metadata")
        return metadata

    @property
    def analyses(self) -> Mapping[str, Any]:
        """The analyses computed so far, read-only."""
        computed = {name: value for name, value in self.values.items() if name not in INPUTS}
        return DeclaredAnalyses(computed, self.reader)

    @property
    def history(self) -> tuple[Any, ...]:
        """What ran so far in this call: entries with stage, status and duration."""
        return tuple(self.values["history"] if "history" in self.values else self._value("call_record").entries)

    @property
    def selected_backend(self) -> str:
        """The backend that the normalization resolved."""
        backend: str = self._value("resolved_backend")
        return backend

    def with_values(self, values: Mapping[str, Any]) -> SymbolicCompilationContext:
        """A context with more values."""
        return attrs.evolve(self, values={**self.values, **values})
