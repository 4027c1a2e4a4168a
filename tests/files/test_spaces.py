"""Spaces as data and back: every embedded one, and what is no description of one."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
import strategies
from refusal import refused

from nqx_graph.errors import HilbertError, IRFormatError
from nqx_graph.files import spaces
from nqx_graph.hilbert import Fock, Qubit, Spin


class Own:
    """A space of somebody's own."""

    def __init__(self, size: int, states: Any) -> None:
        self.size, self.local_states = size, states


def through_json(space: Any, *, with_form: bool = True) -> Any:
    return json.loads(json.dumps(spaces.described(space, with_form=with_form)))


@pytest.mark.parametrize("space", [*strategies.SPACES, Spin(1 / 2, 200), Fock(1000, 50, n_particles=7)], ids=repr)
def test_a_space_and_back(space: Any) -> None:
    made = spaces.restored(through_json(space), None, "a")
    assert type(made) is type(space)
    assert made == space
    assert spaces.restored(through_json(space), space, "a") is space
    assert spaces.restored(through_json(space, with_form=False), space, "a") is space


@pytest.mark.parametrize(
    ("states", "written"),
    [
        ((1, -1), [{"low": -1, "step": 2, "count": 2}]),
        ((3,), [{"low": 3, "step": 1, "count": 1}]),
        ((0, 1, 5), [{"states": [0, 1, 5]}]),
        ((0.5, -0.5), [{"low": -0.5, "step": 1.0, "count": 2}]),
    ],
    ids=repr,
)
def test_local_states_as_data(states: Any, written: Any) -> None:
    space = Own(3, states)
    assert through_json(space, with_form=False) == {
        "package": "nqx_graph", "type": "Own", "size": 3, "local_states": written, "form": None
    }  # fmt: skip
    assert spaces.restored(through_json(space, with_form=False), Own(3, np.array(states)), "a").size == 3
    for other in (Own(2, states), Own(3, (*states, 7))):
        with refused(HilbertError, "acts on another space"):
            spaces.restored(through_json(space, with_form=False), other, "a")


def test_a_space_without_a_form() -> None:
    with refused(HilbertError, "Own has no form as data", "with_hilbert=False"):
        spaces.described(Own(2, (0, 1)), with_form=True)
    with refused(HilbertError, "a was saved without its Hilbert space, a Own of 2 sites"):
        spaces.restored(through_json(Own(2, (0, 1)), with_form=False), None, "a")


@pytest.mark.parametrize(
    "change",
    [
        {"package": 3}, {"type": None}, {"size": 2.0}, {"size": True}, {"local_states": {}}, {"form": []}, {"more": 1},
        {"package": "os"}, {"package": "nqx_graph.hilbert"}, {"size": 3}, {"type": "Spin"},
        {"local_states": [{"low": 0, "step": 1, "count": 3}]}, {"form": {}}, {"form": {"kind": "nqx_graph.Qubit", "N": -1}},
        {"form": {"kind": "nqx_graph.Qubit", "N": 3}}, {"form": {"kind": "os.system", "N": 2}},
    ],
    ids=repr,
)  # fmt: skip
def test_what_describes_no_space(change: dict[str, Any]) -> None:
    data = {**through_json(Qubit(2)), **change}
    before = copy.deepcopy(data)
    with pytest.raises(IRFormatError):
        spaces.restored(data, None, "a")
    assert data == before
    for wrong in (None, [], {**data, "form": None, "size": "2"}, dict(list(data.items())[1:])):
        with pytest.raises(IRFormatError):
            spaces.restored(wrong, None, "a")


def test_a_package_that_cannot_be_imported(monkeypatch: Any) -> None:
    monkeypatch.setitem(spaces.ADAPTERS, "elsewhere", "nqx_graph.integrations.elsewhere")
    data = {**through_json(Qubit(2)), "package": "elsewhere"}
    with refused(HilbertError, "acts on a Qubit of elsewhere, which cannot be imported here", "nqx_graph[elsewhere]"):
        spaces.restored(data, None, "a")


def test_the_package_of_a_space() -> None:
    assert spaces.package_of(Qubit(2)) == spaces.package_of(Own(1, (0,))) == "nqx_graph"
