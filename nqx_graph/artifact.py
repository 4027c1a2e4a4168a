"""What a compile returns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

import attrs

from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.environment import versions
from nqx_graph.graph import RAN, CallRecord, NodeReport, Report


def _read_only(items: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(items))


@attrs.frozen(eq=False)
class StoredArtifact:
    """An artifact as data, as a store on disk keeps it. The lowerer of that name makes an operator of ``tables`` again.

    ``stages`` are name and wall time in nanoseconds of each stage of the call that built it; ``analyses`` are those of its
    analyses that have a form as data.
    """

    backend: str
    lowerer_name: str
    metadata: Mapping[str, Any]
    tables: Mapping[str, Any]
    analyses: Mapping[str, Any]
    stages: tuple[tuple[str, int], ...]


@attrs.frozen(eq=False)
class SymbolicCompiledArtifact:
    """The compiled operator with all that is known of how it was made.

    ``report`` describes the call that returned this artifact; ``pass_reports`` and ``analyses`` the call that built it,
    and a hit carries them along. ``tables`` is what the lowerer's ``restore`` makes the operator of again: plain data,
    arrays and the structures of `nqx_graph.kernel`; None where the lowerer has no ``restore``.
    """

    backend: str
    lowerer_name: str
    compiled_operator: Any
    metadata: Mapping[str, Any] = attrs.field(converter=_read_only)
    cache_key: SymbolicCacheKey | None = None
    # a lowerer does not know it; every artifact that a compile returns has one
    report: Report = attrs.field(default=cast(Report, None), repr=False)
    build: CallRecord | None = attrs.field(default=None, repr=False)
    tables: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    stored: StoredArtifact | None = attrs.field(default=None, repr=False)  # where it comes from a store of data

    def cache_token(self) -> str | None:
        """The token of the cache key; None where the cache was off or the operator has no key."""
        return None if self.cache_key is None else self.cache_key.token

    def metadata_map(self) -> dict[str, Any]:
        """A copy of the metadata as a plain dict."""
        return dict(self.metadata)

    def record(self) -> dict[str, Any]:
        """What to keep with the results of a run: one JSON-safe dict that tells how the operator was compiled."""
        # equal keys mean equal operators and options: this call's are those of the call that built it
        values = {} if self.report is None else self.report.record._values
        options = values.get("options")
        rows = () if self.report is None else self.report.rows
        return {
            "schema_version": 1,
            "operator": getattr(values.get("ir"), "operator_name", None),
            "ir_fingerprint": values.get("ir_fingerprint"),
            "cache_token": self.cache_token(),
            "cache_namespace": None if self.cache_key is None else self.cache_key.namespace,
            "options": None if options is None else dict(options.static_signature()),
            "outcome": None if self.report is None else self.report.outcome,
            "stages": [{"name": row.name, "status": row.status, "duration_ns": row.duration_ns} for row in rows],
            "built_by": [{"name": row.name, "duration_ns": row.duration_ns} for row in self.pass_reports],
            "backend": self.backend,
            "lowerer": self.lowerer_name,
            "total_padded_size": self.metadata.get("total_padded_size"),
            "versions": versions(),
        }

    @property
    def pass_reports(self) -> tuple[NodeReport, ...]:
        """Reports of the stages that ran in the building call: ``pass_name``, ``duration_ms``, ``metadata``."""
        if self.stored is not None:
            return tuple(NodeReport(name, RAN, duration, (), ()) for name, duration in self.stored.stages)
        if self.build is None:
            return ()
        return tuple(row for row in Report(self.build.graph, self.build).rows if row.status == RAN)

    @property
    def analyses(self) -> Mapping[str, Any]:
        """What the stages of the building call computed, by name."""
        if self.stored is not None:
            return MappingProxyType(dict(self.stored.analyses))
        return MappingProxyType({} if self.build is None else self.build._analyses)
