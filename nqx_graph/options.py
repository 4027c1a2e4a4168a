"""The options of a compile."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs

from nqx_graph.errors import OptionError, OptionTypeError, listed, nearest

BACKENDS = ("auto", "jax", "numpy")
OUT_OF_DOMAIN = ("nan", "drop", "trust")
SEVERITIES = ("info", "warning", "error")  # of diagnostics, rising: could be better, likely wrong, wrong


_backends = dict.fromkeys(BACKENDS)  # and those of registered lowerers


def add_backend(name: str) -> None:
    """Let ``backend_preference`` name the backend of a lowerer."""
    _backends[name] = None


def _a_backend(_: object, attribute: attrs.Attribute[str], value: object) -> None:
    if not isinstance(value, str) or value not in _backends:
        hint = nearest(value, list(_backends)) if isinstance(value, str) else ""
        raise OptionError(
            f"{attribute.name} must be one of {listed(list(_backends))}, or the backend of a lowerer that is registered; it is "
            f"{value!r}.{hint}"
        )


def _one_of(*allowed: str) -> Any:
    def check(_: object, attribute: attrs.Attribute[str], value: object) -> None:
        if value not in allowed:
            hint = nearest(value, allowed) if isinstance(value, str) else ""
            raise OptionError(f"{attribute.name} must be one of {listed(allowed)}; it is {value!r}.{hint}")

    return check


def _typed(kind: type) -> Any:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if type(value) is not kind:
            raise OptionTypeError(
                f"{attribute.name} must be {kind.__name__}; it is {value!r}, a {type(value).__name__}."
            )

    return check


def _shape(value: Any) -> tuple[int, ...] | None:
    lengths = (value,) if isinstance(value, int) else value
    if lengths is None:
        return None
    if not isinstance(lengths, tuple | list) or any(type(length) is not int or length < 0 for length in lengths):
        raise OptionTypeError(
            f"aot_batch_shape must be None, a whole number or a tuple of them from 0 up; it is {value!r}."
        )
    return tuple(lengths)


@attrs.frozen(kw_only=True)
class SymbolicCompilerOptions:
    """What a compile may be told. Every option is part of the cache key.

    Args:
        backend_preference: ``"jax"``, ``"numpy"`` (the slow reference interpreter), the backend of a lowerer that was
            registered, or ``"auto"``, which is jax.
        cache_enabled: whether the artifact store is looked at and filled.
        cache_namespace: a partition of the store, for experiments and migrations.
        enable_fusion: whether terms of one structure are grouped by the fusion planning.
        strict_validation: whether an invalid operator fails the compile; if not, its error is recorded in
            ``validation_summary`` and the compile goes on.
        optimize: whether branches that reach one x' may share a slot, those that keep x all in one (`jax_fused_v1`); the
            operator is the same, the slots are fewer and in another order.
        on_out_of_domain: what becomes of a branch that leaves the local states: ``"nan"`` makes its matrix element NaN,
            ``"drop"`` makes it 0, ``"trust"`` does not look.
        aot_batch_shape: where given, a compile also traces the kernel, compiles it with XLA and calls it once for a batch of
            that shape (without the last axis), each a row of the report.
        fail_on_warnings: whether a compile fails where the diagnostics that ``min_severity`` lets through hold a warning or
            an error.
        min_severity: the least severe diagnostics that the compile has: ``"info"``, ``"warning"`` or ``"error"``.
    """

    backend_preference: str = attrs.field(default="auto", validator=_a_backend)
    cache_enabled: bool = attrs.field(default=True, validator=_typed(bool))
    cache_namespace: str = attrs.field(default="nqx_symbolic_v1", validator=_typed(str))
    enable_fusion: bool = attrs.field(default=True, validator=_typed(bool))
    strict_validation: bool = attrs.field(default=True, validator=_typed(bool))
    optimize: bool = attrs.field(default=False, validator=_typed(bool))
    aot_batch_shape: tuple[int, ...] | None = attrs.field(default=None, converter=_shape)
    on_out_of_domain: str = attrs.field(default="nan", validator=_one_of(*OUT_OF_DOMAIN))
    fail_on_warnings: bool = attrs.field(default=False, validator=_typed(bool))
    min_severity: str = attrs.field(default="warning", validator=_one_of(*SEVERITIES))

    @cached_property
    def _signature(self) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted(attrs.asdict(self).items()))

    def static_signature(self) -> tuple[tuple[str, Any], ...]:
        """Every option with its value, in a fixed order."""
        return self._signature
