"""The cache key: everything that can change an artifact, in one digest."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs

from nqx_graph.errors import OptionTypeError
from nqx_graph.ir.encode import encode

if TYPE_CHECKING:
    from nqx_graph.context import SymbolicCompilationContext

_FORMAT = "nqx_graph.key/1"
ONLY_HERE = "only in this process"  # of the identities: the stages and lowerers that another process cannot know


@attrs.frozen
class SymbolicCacheKey:
    """A namespace and a token; two compiles with equal keys get the same artifact."""

    namespace: str
    token: str
    # what the token was made of, to explain misses with; equal tokens have equal ones
    signature: Any = attrs.field(default=None, eq=False, repr=False)

    @property
    def only_here(self) -> str:
        """The stages and lowerers that no other process knows, so that what they make cannot be kept for one."""
        return "" if self.signature is None else dict(self.signature.identities).get(ONLY_HERE, "")


@attrs.frozen
class SymbolicCompilationSignature:
    """What a key is made of.

    ``covered`` are the digests of all values that cross the gate, ``identities`` those of the stages, the lowerers and
    the settings of JAX that the kernel is traced under, by name.
    """

    ir_fingerprint: str
    backend: str
    hilbert_size: int
    hilbert_digest: str | None
    dtype_str: str
    options: tuple[tuple[str, Any], ...]
    identities: tuple[tuple[str, str], ...]
    covered: tuple[tuple[str, str | None], ...]

    @classmethod
    def from_context(cls, context: SymbolicCompilationContext) -> SymbolicCompilationSignature:
        """The signature of a compile whose passes before the gate have run."""
        digests = context.values["covered"]
        return cls(
            context.values["ir_fingerprint"],
            context.selected_backend,
            context.ir.hilbert_size,
            context.space.digest,
            context.ir.dtype_str,
            context.options.static_signature(),
            tuple(context.values["identities"]),
            tuple((name, None if digest is None else digest.hex()) for name, digest in sorted(digests.items())),
        )

    def missing(self) -> tuple[str, ...]:
        """The names of what has no digest, for which there can be no key."""
        space = ("space",) if self.hilbert_digest is None else ()
        return tuple(sorted({*space, *(name for name, digest in self.covered if digest is None)}))

    def build_cache_key(self, *, namespace: str) -> SymbolicCacheKey | None:
        """The key in a namespace; None where something that the artifact depends on has no digest."""
        if not isinstance(namespace, str):
            raise OptionTypeError(f"namespace must be text; it is {namespace!r}.")
        if self.missing():
            return None
        return SymbolicCacheKey(namespace, _token(namespace, self), self)


@lru_cache(maxsize=1024)
def _token(namespace: str, signature: SymbolicCompilationSignature) -> str:
    return hashlib.sha256(encode((_FORMAT, namespace, signature))).hexdigest()
