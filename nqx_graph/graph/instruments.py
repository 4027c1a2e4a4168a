"""Instruments: objects that are told what one call does while it does it.

An instrument is any object with some of the methods of :class:`Instrument`. It is given to one call and told of that
call alone. Instruments nest like ``with`` blocks: ``before`` is told in the order in which they are given, all else in
the reverse order. Each ``before`` is followed by one ``after``, ``skipped`` or ``failed`` of the same stage (an
instrument that raises can make it two: ``after`` for some of the others, then ``failed`` for all).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from nqx_graph.errors import InstrumentError, OptionTypeError, VerificationError, listed
from nqx_graph.graph.gate import Bypassed, Miss, Supplied

EVENTS: Final = ("before", "after", "failed", "skipped", "gate")


class Instrument:
    """What an instrument may have; a class that has only some of these methods need not derive from this one.

    ``stage`` is the name of a stage. A method that raises fails the compile with an
    :class:`~nqx_graph.errors.InstrumentError`, or with what it raised where that is a
    :class:`~nqx_graph.errors.VerificationError`.
    """

    def before(self, stage: str, values: Mapping[str, Any]) -> None:
        """A stage is about to run; ``values`` is what it reads, by name, in a mapping that cannot be changed."""

    def after(self, stage: str, values: Mapping[str, Any], duration_ns: int) -> None:
        """A stage has run; ``values`` is what it wrote or supplied, by name, in a mapping that cannot be changed."""

    def failed(self, stage: str, error: BaseException) -> None:
        """A stage raised, or an instrument did. What this method raises is noted on ``error``, which goes on."""

    def skipped(self, stage: str, status: str) -> None:
        """A stage did nothing, because of a hit (it has had no ``before``) or because it was bypassed."""

    def gate(self, stage: str, answer: Supplied | Miss | Bypassed) -> None:
        """The gate answered; its ``after`` or ``skipped`` follows."""


class Watch:
    """The instruments of one call.

    Raises:
        OptionTypeError: for what is no instrument.
    """

    def __init__(self, instruments: Iterable[Any]) -> None:
        self.given = checked_instruments(instruments)
        inward = {event: self.given if event == "before" else self.given[::-1] for event in EVENTS}
        self._listeners = {event: [item for item in items if hasattr(item, event)] for event, items in inward.items()}

    def tell(self, event: str, stage: str, *facts: Any) -> None:
        """Tell all instruments that listen to the event.

        Raises:
            InstrumentError: if one of them raised. VerificationError: if that is what it raised.
        """
        for instrument in self._listeners[event]:
            try:
                getattr(instrument, event)(stage, *facts)
            except VerificationError:
                raise
            except Exception as error:
                raise InstrumentError(
                    f"the instrument {_name(instrument)} raised {type(error).__name__} in {event}() of the stage "
                    f"{stage!r}: {error}",
                    instrument=instrument,
                    event=event,
                    stage=stage,
                ) from error

    def tell_failed(self, stage: str, error: BaseException) -> None:
        """Tell that a stage failed. An instrument that raises now must not hide why."""
        for instrument in self._listeners["failed"]:
            try:
                instrument.failed(stage, error)
            except Exception as another:
                error.add_note(
                    f"The instrument {_name(instrument)} then raised {type(another).__name__} in failed(): {another}"
                )


def read_only(values: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    """Some of the values, in a mapping that cannot be changed."""
    return MappingProxyType({name: values[name] for name in names})


def checked_instruments(instruments: Iterable[Any]) -> tuple[Any, ...]:
    """The instruments as a tuple.

    Raises:
        OptionTypeError: for what is no instrument.
    """
    if not isinstance(instruments, Iterable):
        raise OptionTypeError(
            f"instruments must be a tuple or list of instruments; it is {instruments!r}, a {type(instruments).__name__}."
        )
    given = tuple(instruments)
    for item in given:
        if isinstance(item, type) or not any(callable(getattr(item, event, None)) for event in EVENTS):
            raise OptionTypeError(
                f"{item!r} is no instrument: give an object with at least one of the methods {listed(EVENTS)}."
            )
    return given


def _name(instrument: Any) -> str:
    return repr(getattr(instrument, "name", None) or type(instrument).__name__)
