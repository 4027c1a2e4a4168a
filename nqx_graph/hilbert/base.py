"""What the three spaces share: they differ in their arguments and in where their local states start and step."""

from __future__ import annotations

import abc
import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nqx_graph.errors import HilbertError, SampleTypeError, StateError
from nqx_graph.hilbert.counting import count
from nqx_graph.hilbert.drawing import draw
from nqx_graph.hilbert.levels import Levels
from nqx_graph.hilbert.numbering import rank, unrank
from nqx_graph.hilbert.reading import foreign, read

if TYPE_CHECKING:
    import jax

# JAX counts in int32 unless told otherwise: state numbers are kept within it, as NetKet does.
_INT32_MAX = 2**31 - 1
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, repr=False)
class Space(abc.ABC):
    """N sites with the same local states, and perhaps one conserved total."""

    _size: int
    _levels: Levels
    _total: int | None
    """The conserved sum of places, if any."""
    _descending: bool
    """Whether the states are numbered from the last row of places to the first."""

    def __init_subclass__(cls) -> None:
        if cls.__module__.rpartition(".")[0] != __package__:
            raise TypeError(f"{cls.__name__} cannot be made: the embedded Hilbert spaces take no subclasses.")

    @property
    def size(self) -> int:
        """Number of sites N."""
        return self._size

    @property
    def local_size(self) -> int:
        """Number of local states of a site."""
        return self._levels.count

    @property
    def local_states(self) -> NDArray[np.int64]:
        """The local states of a site in the order of the space, [local_size], read-only."""
        return self._levels.states

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of local states of each site."""
        return (self.local_size,) * self._size

    @property
    def constrained(self) -> bool:
        """Whether a total is conserved."""
        return self._total is not None

    @property
    def n_states(self) -> int:
        """Number of states, counted exactly without listing them."""
        return count(self.local_size, self._size, self._total)

    @property
    def is_indexable(self) -> bool:
        """Whether the states can be listed: whether there are fewer than 2**31, NetKet's bound too."""
        return self.n_states <= _INT32_MAX

    def all_states(self) -> NDArray[np.signedinteger[Any]]:
        """All states, [n_states, N], in the smallest signed integers that hold the local states.

        Raises:
            HilbertError: the space has 2**31 states or more.
        """
        if not self.is_indexable:
            raise HilbertError(f"{self} has 2**31 states or more, which is too many to list.", hilbert=self)
        return self._unrank(np.arange(self.n_states, dtype=np.int64))

    def states_to_numbers(self, states: ArrayLike) -> NDArray[np.int64]:
        """The number of each state: its row in :meth:`all_states`.

        Args:
            states: configurations, [..., N].

        Returns:
            Numbers, [...].

        Raises:
            StateError: a configuration is not a state of this space.
            HilbertError: the space has more states than int64 counts.
        """
        self._require_numbers()
        array, places, inside = read(states, self._size, self._levels, self._total, self)
        if not inside.all():
            raise foreign(array, inside, self._levels, self._total, self)
        ranks = rank(places.reshape(-1, self._size), self.local_size, self._total)
        return self._turned(ranks).reshape(inside.shape)

    def numbers_to_states(self, numbers: ArrayLike) -> NDArray[np.signedinteger[Any]]:
        """The states with these numbers, the inverse of :meth:`states_to_numbers`.

        Args:
            numbers: integers from 0 to n_states - 1, [...].

        Returns:
            States, [..., N].

        Raises:
            StateError: a number is not an integer in that range.
            HilbertError: the space has more states than int64 counts.
        """
        self._require_numbers()
        array = np.asarray(numbers)
        if array.size and array.dtype.kind not in "iu":
            raise StateError(f"The numbers of states are integers, not {array.dtype}.", dtype=array.dtype)
        outside = (array < 0) | (array >= self.n_states)
        if outside.any():
            number = int(array[outside][0])
            raise StateError(
                f"There is no state number {number} in {self}: its states are numbered from 0 to {self.n_states - 1}.",
                number=number,
            )
        return self._unrank(array.astype(np.int64).reshape(-1)).reshape(*array.shape, self._size)

    def contains(self, states: ArrayLike) -> NDArray[np.bool_]:
        """Which configurations [..., N] are states of this space: local states everywhere, and the conserved total.

        Returns:
            Truth values, [...].

        Raises:
            StateError: what is given is not rows of N real numbers.
        """
        return read(states, self._size, self._levels, self._total, self)[2]

    def random_state(self, key: jax.Array | int, shape: int | tuple[int, ...] = (), dtype: Any = None) -> jax.Array:
        """States drawn uniformly from the space; under a conserved total, from those that have it.

        A conserved total over more than two local states is drawn site by site, each local state in proportion to
        the number of its completions, to within 2**-32 a site. May be called under ``jax.jit``.

        Args:
            key: a JAX random key, or an integer to seed one.
            shape: how many states, a number or a shape.
            dtype: of the result; by default that of :meth:`all_states`.

        Returns:
            States, [shape…, N].

        Raises:
            SampleTypeError: ``dtype`` cannot hold the local states.
        """
        import jax
        import jax.numpy as jnp

        if isinstance(key, int | np.integer):
            key = jax.random.key(int(key))
        dtype = self._levels.dtype if dtype is None else self._checked_dtype(dtype)
        rows = (int(shape),) if isinstance(shape, int | np.integer) else tuple(shape)
        places = draw(key, rows, self.local_size, self._size, self._total)
        return jnp.asarray(self._levels.start + self._levels.step * places, dtype=dtype)

    @abc.abstractmethod
    def to_data(self) -> dict[str, Any]:
        """The space as JSON-safe data; :func:`from_data` is the inverse."""

    def digest(self) -> str:
        """SHA-256 of the space as data, in hexadecimal: equal spaces have equal digests, in every process."""
        text = json.dumps(self.to_data(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @abc.abstractmethod
    def _arguments(self) -> dict[str, Any]:
        """What makes the space again, by the names of its arguments; those left out are None."""

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self._arguments().items() if value is not None)
        return f"{type(self).__name__}({given})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), **self._arguments()), ()

    def _checked_dtype(self, dtype: DTypeLike) -> np.dtype[Any]:
        wanted = np.dtype(dtype)
        if not self._levels.fit(wanted):
            raise SampleTypeError(
                f"{wanted} cannot hold the local states {self._levels} of {self}; {self._levels.dtype} can.",
                dtype=wanted,
            )
        return wanted

    def _require_numbers(self) -> None:
        if self.n_states > _INT64_MAX:
            raise HilbertError(f"{self} has 2**63 states or more, so that they cannot be numbered.", hilbert=self)

    def _turned(self, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ranks of places as numbers of states, and back."""
        return self.n_states - 1 - ranks if self._descending else ranks

    def _unrank(self, numbers: NDArray[np.int64]) -> NDArray[np.signedinteger[Any]]:
        """States with these numbers, [R] -> [R, N]."""
        states = np.empty((len(numbers), self._size), dtype=self._levels.dtype)
        for site, places in unrank(self._turned(numbers), self.local_size, self._size, self._total):
            states[:, site] = self._levels.start + self._levels.step * places
        return states
