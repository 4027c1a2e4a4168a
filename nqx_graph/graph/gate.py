"""What a gate answers: here is the value, there is none, or nobody was asked."""

from __future__ import annotations

from typing import Any, Final

import attrs


@attrs.frozen
class Supplied:
    """The gate's answer on a hit: the value it supplies, and whether it was made by another call that was waited for."""

    value: Any
    waited: bool = False


@attrs.frozen
class Miss:
    """The gate's answer when the value has to be made."""


@attrs.frozen
class Bypassed:
    """Nobody was asked, and why. A stage that writes nothing may answer it too: it then counts as skipped."""

    reason: str = "the cache is off"


MISS: Final = Miss()
BYPASS: Final = Bypassed()
