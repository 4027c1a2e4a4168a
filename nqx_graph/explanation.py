"""Why a compile would hit or miss: the parts of a key, and how they differ from a key that is in the store."""

from __future__ import annotations

import difflib
import threading
import weakref
from collections import OrderedDict, deque
from typing import Any

import attrs

from nqx_graph.cache.key import SymbolicCompilationSignature
from nqx_graph.ir.types import SymbolicOperatorIR

KEPT = 16  # signatures remembered in each namespace
NAMESPACES = 64  # namespaces remembered
_SHOWN = 6  # lines of the operator's text shown where it differs


@attrs.frozen
class Difference:
    """A part of the key that differs; ``before`` is what the stored entry has, ``after`` what was asked for."""

    part: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"`{self.part}`: {_short(self.before)} → {_short(self.after)}"


@attrs.frozen
class Explanation:
    """Whether a compile would hit.

    Attributes:
        outcome: ``"hit"``, ``"miss"`` or ``"uncached"``.
        token: of the key; None where there is none.
        reason: why, in words.
        differences: on a miss, the parts of the key that differ from the nearest remembered entry of the namespace.
        equal: the parts that do not.
        operator_lines: where the operator differs, the lines of its text that do (``-`` stored, ``+`` asked for).
    """

    outcome: str
    token: str | None
    reason: str
    differences: tuple[Difference, ...] = ()
    equal: tuple[str, ...] = ()
    operator_lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.differences:
            return f"{self.outcome}: {self.reason}"
        parts = "; ".join(map(str, self.differences))
        same = f"; {', '.join(self.equal)} equal" if self.equal else ""
        lines = "".join(f"\n  {line}" for line in self.operator_lines)
        return f"{self.outcome}: {self.reason}: {parts}{same}{lines}"


@attrs.frozen(eq=False)
class _Entry:
    token: str
    signature: SymbolicCompilationSignature
    ir: weakref.ref[SymbolicOperatorIR]


class RecentKeys:
    """The last keys under which something was stored, by namespace; thread-safe."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, deque[_Entry]] = OrderedDict()
        self._lock = threading.Lock()

    def remember(
        self, namespace: str, token: str, signature: SymbolicCompilationSignature, ir: SymbolicOperatorIR
    ) -> None:
        """Add a key; the oldest of the namespace, and the oldest namespace, give way."""
        with self._lock:
            entries = self._entries.setdefault(namespace, deque(maxlen=KEPT))
            entries.append(_Entry(token, signature, weakref.ref(ir)))
            while len(self._entries) > NAMESPACES:
                self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def explain_miss(
        self, namespace: str, token: str, signature: SymbolicCompilationSignature, ir: SymbolicOperatorIR
    ) -> Explanation:
        """What differs from the nearest remembered entry: the one with the fewest differing parts, the latest of those."""
        with self._lock:
            entries = list(self._entries.get(namespace, ()))
        if not entries:
            return Explanation("miss", token, f"nothing is remembered in the namespace {namespace!r}")
        if any(entry.token == token for entry in entries):
            return Explanation("miss", token, "this very key was stored, and the store holds it no more")
        asked = parts_of(signature)
        nearest = min(reversed(entries), key=lambda entry: len(_differences(parts_of(entry.signature), asked)))
        before = parts_of(nearest.signature)
        differences = _differences(before, asked)
        known = nearest.ir()
        lines = _operator_lines(known, ir) if known is not None and before["operator"] != asked["operator"] else ()
        differing = {difference.part for difference in differences}
        equal = tuple(
            part for part in ("operator", "hilbert", "options", "stages", "lowerers") if _same(part, differing)
        )
        reason = f"against the nearest of the last {len(entries)} of the namespace {namespace!r}"
        return Explanation("miss", token, reason, differences, equal, lines)


def parts_of(signature: SymbolicCompilationSignature) -> dict[str, Any]:
    """The signature as named parts."""
    return {
        "operator": signature.ir_fingerprint,
        "backend": signature.backend,
        "dtype": signature.dtype_str,
        "hilbert": signature.hilbert_digest,
        **{f"options.{name}": value for name, value in signature.options},
        **dict(signature.identities),
        **{f"analysis {name}": digest for name, digest in signature.covered if name not in _SHOWN_ALREADY},
    }


# analyses that cross the gate and whose content the other parts show already
_SHOWN_ALREADY = ("ir", "space", "hilbert", "options", "registry", "identities", "call_record")


def _differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    names = dict.fromkeys((*before, *after))
    found = [
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]
    # the whole graph's identity says nothing that a stage's does not, where one does
    detailed = [difference for difference in found if difference.part != "graph"]
    return tuple(detailed if any(difference.part.startswith("stage") for difference in detailed) else found)


def _same(group: str, differing: set[str]) -> bool:
    prefix = {"options": "options.", "stages": "stage ", "lowerers": "lowerer "}.get(group)
    return not any(part.startswith(prefix) for part in differing) if prefix else group not in differing


def _operator_lines(before: SymbolicOperatorIR, after: SymbolicOperatorIR) -> tuple[str, ...]:
    changed = difflib.unified_diff(str(before).splitlines(), str(after).splitlines(), lineterm="", n=0)
    lines = [line for line in changed if not line.startswith(("---", "+++", "@@"))]
    if not lines:
        return (
            "the printed text is the same; elided rows, columns, the type of a number, or the code of a function differ",
        )
    return tuple(lines[:_SHOWN]) + ((f"... and {len(lines) - _SHOWN} more lines",) if len(lines) > _SHOWN else ())


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= 48 else f"{text[:20]}...{text[-12:]}"
