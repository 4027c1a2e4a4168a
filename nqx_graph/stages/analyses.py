"""The edges of the compiler: every analysis that flows from stage to stage, a line each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from nqx_graph.artifact import SymbolicCompiledArtifact
from nqx_graph.cache.flights import Flights
from nqx_graph.cache.key import SymbolicCacheKey
from nqx_graph.diagnostics import Diagnostics
from nqx_graph.graph import Analysis, CallRecord
from nqx_graph.ir.encode import encode
from nqx_graph.ir.types import SymbolicOperatorIR
from nqx_graph.lowering.registry import SymbolicLowererRegistry
from nqx_graph.options import SymbolicCompilerOptions
from nqx_graph.ranges import OperatorRanges
from nqx_graph.space import SpaceView, view


def _space_digest(space: SpaceView) -> bytes | None:
    return None if space.digest is None else bytes.fromhex(space.digest)


@lru_cache(maxsize=64)
def _identities_digest(identities: tuple[tuple[str, str], ...]) -> bytes:
    return hashlib.sha256(encode(identities)).digest()


# given by every call
OPERATOR = Analysis("operator", Any, "The object that is compiled: anything with to_ir() and hilbert.")
OPTIONS = Analysis(
    "options",
    SymbolicCompilerOptions,
    "The effective options.",
    digest=lambda options: encode(options.static_signature()),
)
METADATA = Analysis("metadata", Mapping, "What the caller attached to this compile; not part of the key.")
FLIGHTS = Analysis("flights", Flights, "The artifacts that other calls are making at this moment.")
STORE = Analysis("store", Any, "Where artifacts are kept.")
REGISTRY = Analysis(
    "registry",
    SymbolicLowererRegistry,
    "The lowerers, in order.",
    digest=lambda registry: _identities_digest(registry.identities()),
)
IDENTITIES = Analysis(
    "identities",
    tuple,
    "Names and identities of stages and lowerers, JAX's settings.",
    digest=_identities_digest,
)
# An observer: what it holds follows from the other inputs and never decides anything, so its digest is always the same.
CALL_RECORD = Analysis("call_record", CallRecord, "The record of this call, as it goes on.", digest=lambda record: b"")

# computed by the stages
IR = Analysis(
    "ir", SymbolicOperatorIR, "The operator as frozen data.", digest=lambda ir: bytes.fromhex(ir.static_fingerprint())
)
HILBERT = Analysis("hilbert", Any, "The Hilbert space itself.", digest=lambda hilbert: _space_digest(view(hilbert)))
SPACE = Analysis("space", SpaceView, "The Hilbert space as the compiler sees it.", digest=_space_digest)
VALIDATION_SUMMARY = Analysis("validation_summary", dict, "Whether the operator is valid, and what is wrong where not.")
IR_FINGERPRINT = Analysis("ir_fingerprint", str, "SHA-256 of the whole IR, in hex.")
RESOLVED_BACKEND = Analysis("resolved_backend", str, 'The backend to lower for; never "auto".')
TERM_ORDER = Analysis("term_order", tuple, "The positions of the terms in the order in which they are lowered.")
CACHE_KEY = Analysis(
    "cache_key", SymbolicCacheKey | None, "The key of the artifact; None where it cannot or may not be kept."
)
TERM_FANOUTS = Analysis("term_fanouts", tuple, "How many slots each term has, in the order of the IR.")
TOTAL_FANOUT = Analysis("total_fanout", int, "The sum of the fanouts of all terms.")
RANGES = Analysis(
    "ranges", OperatorRanges, "What the numbers of every shape of term may be, and what is proved of them."
)
HERMITICITY = Analysis("hermiticity", str, "Whether an operator that is said to be hermitian is, as far as is known.")
DIAGNOSTICS = Analysis(
    "diagnostics", Diagnostics, "What is likely wrong with the operator, found when it is looked at."
)
FUSION_GROUPS = Analysis("fusion_groups", tuple, "Positions of terms that have one structure, group by group.")
LOWERED = Analysis("lowered", SymbolicCompiledArtifact, "What the lowerer made, not yet signed.")
ARTIFACT = Analysis("artifact", SymbolicCompiledArtifact, "The compiled operator with its key and record.")

# written by the stages that aot_batch_shape adds
TRACED_KERNEL = Analysis("traced_kernel", Any, "The traced kernel; None where the operator is no JAX kernel.")
XLA_EXECUTABLE = Analysis("xla_executable", Any, "The compiled kernel of one batch shape, or None.")
FIRST_CALL = Analysis("first_call", dict, "What the first call of the kernel returned, in shapes.")

INPUTS = (OPERATOR, OPTIONS, METADATA, STORE, FLIGHTS, REGISTRY, IDENTITIES, CALL_RECORD)
# what the graph is run for, and what readers of reports and lowerers of others may ask for
TARGETS = (
    ARTIFACT,
    VALIDATION_SUMMARY,
    IR_FINGERPRINT,
    RESOLVED_BACKEND,
    TERM_ORDER,
    TERM_FANOUTS,
    TOTAL_FANOUT,
    RANGES,
    HERMITICITY,
    DIAGNOSTICS,
    FUSION_GROUPS,
    HILBERT,
)
