"""Every exception of the package.

Each message is a finished sentence or two: what was asked, what was given, what to do. The facts it was made of are
attributes, so that a program can read them too.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class NqxError(Exception):
    """Base of all errors of this package.

    Args:
        message: the sentence a person reads.
        **facts: what it was made of; each becomes an attribute.
    """

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.facts)


def _rebuild(kind: type[NqxError], message: str, facts: dict[str, Any]) -> NqxError:
    return kind(message, **facts)


class GraphError(NqxError, ValueError):
    """A dataflow graph that cannot be built; ``faults`` lists every reason."""


class StageContractError(NqxError, TypeError):
    """A stage that, when run, did not return what it declared."""


class UndeclaredReadError(NqxError, AttributeError):
    """A pass or lowerer that reached for something it had not declared to read."""


class DefinitionError(NqxError, ValueError):
    """An operator written in a way that has no meaning."""


class RowsError(DefinitionError):
    """Index rows or columns that do not fit the operator."""


class LabelError(DefinitionError):
    """A site label, column or symbol that is not bound where it is used."""


class ExpressionError(NqxError, TypeError):
    """An expression built from something that cannot stand in it."""


class FieldError(NqxError, AttributeError):
    """A field that a selector does not have."""


class DTypeError(NqxError, ValueError):
    """A dtype that an operator cannot have, or a number that the dtype cannot hold."""


class HilbertError(NqxError, ValueError):
    """A Hilbert space that cannot be made, or that does not fit the operator."""


class StateError(NqxError, ValueError):
    """Configurations that do not belong to the Hilbert space."""


class SampleTypeError(NqxError, TypeError):
    """Configurations given in a dtype that cannot hold the local states."""


class ConversionError(NqxError, ValueError):
    """An operator of another kind or library that cannot be taken, or one that cannot be given to it."""


class IRFormatError(NqxError, ValueError):
    """Data that is not the serialised form of an operator."""


class OptionError(NqxError, ValueError):
    """A compiler option with a value that does not exist."""


class OptionTypeError(NqxError, TypeError):
    """A compiler argument of the wrong type."""


class ParameterError(NqxError, ValueError):
    """Parameters or columns of a compiled operator that are missing, unknown or of another shape."""


class TracedOperatorError(NqxError, ValueError):
    """An operator that a jitted function returned is asked what only the operator that went in knows."""


class CheckError(NqxError, ValueError):
    """``compiled.check(x)`` found branches that break a promise or leave the space."""


class DivisionError(NqxError, ZeroDivisionError):
    """An operator divided by the number zero."""


class UncompiledOperatorError(NqxError, TypeError, AttributeError):
    """A symbolic operator given where a compiled one is needed."""


class VerificationError(NqxError, ValueError):
    """``verify=True`` found a stage or a store that does not do what it says; ``stage`` names it."""


class VerificationWarning(UserWarning):
    """``verify=True`` met values that it could compare by identity only."""


class InstrumentError(NqxError, RuntimeError):
    """An instrument that raised; ``instrument``, ``event`` and ``stage`` say which, when and where."""


class StoreError(NqxError, ValueError):
    """A folder that cannot be the folder of a store of artifacts."""


class StoreWarning(UserWarning):
    """A store of artifacts on disk met a file or a file system that is not as it should be."""


class HermiticityError(NqxError, ValueError):
    """An operator said to be hermitian that is not; ``x``, ``x_prime`` and the two matrix elements show it."""


class HermiticityWarning(UserWarning):
    """An operator said to be hermitian that has a branch without a way back."""


class DiagnosticsError(NqxError, ValueError):
    """An operator with warnings, where ``fail_on_warnings`` is set; ``diagnostics`` are they."""


class BundleError(NqxError, ValueError):
    """A failure bundle that cannot be run again here; ``missing`` names what it needs."""


class MissingPackageError(NqxError, ImportError):
    """Something that needs a package which is not installed; ``package`` names it."""


class SymbolicCompilerError(NqxError, RuntimeError):
    """A compile that failed; ``stage`` names the node, ``report`` says what happened up to there.

    ``bundle`` is the path of the bundle that ``dump_dir=`` asked for, or None.
    """

    bundle: str | None = None


def nearest(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the known name closest to ``name``, or an empty string."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""


def listed(names: Iterable[object]) -> str:
    """Names as ``'a', 'b', 'c'``, or ``none``."""
    return ", ".join(repr(name) for name in names) or "none"
