import enum
import functools
import gc
import subprocess
import sys
import types

import attrs
import pytest

from nqx_graph.graph import Graph, identity, package_digest, stage
from nqx_graph.graph.tokens import object_token, plain_text

from .sample import COUNT, INPUTS, TEXT, extract, lower, sample_graph


def function_in(module, body="def made(text): return text", name="made"):
    space = {"__name__": module}
    exec(body, space)
    return space[name]


STOCK = "nqx_graph.made_up"


def test_stock_code_is_the_source_of_the_package():
    first, second = (identity(function_in(STOCK)) for _ in range(2))
    assert first == second
    assert first.portable
    assert package_digest() in first.text
    assert len(package_digest()) == 64


def test_code_from_outside_is_this_very_object():
    made = function_in("notebook")
    assert identity(made) == identity(made)
    assert identity(made) != identity(function_in("notebook"))
    assert not identity(made).portable


def test_a_version_is_its_authors_word():
    first, second = (identity(function_in("notebook"), version="1") for _ in range(2))
    assert first == second
    assert first.portable
    assert first != identity(function_in("notebook"), version="2")
    assert first != identity(function_in("elsewhere"), version="1")


def test_options_are_part_of_it():
    made = function_in(STOCK)
    assert identity(made, options={"a": 1}) == identity(made, options=[("a", 1)])
    assert len({identity(made, options={"a": value}).text for value in (1, True, 1.0, "1", None, (1,), [1])}) == 7
    assert not identity(made, options={"a": object()}).portable


def test_a_closure_is_told_by_what_it_holds():
    body = "def factory(held):\n    def made(text): return held\n    return made"
    factory = function_in(STOCK, body, "factory")
    assert identity(factory(1)) == identity(factory(1))
    assert identity(factory(1)) != identity(factory(2))
    assert not identity(factory(object())).portable
    assert identity(factory(object())) != identity(factory(object()))
    assert identity(factory(1), version="1") != identity(factory(2), version="1")


def test_a_wrapper_is_not_what_it_wraps():
    made = function_in(STOCK)

    @functools.wraps(made)
    def wrapper(text):
        return made(text) + "!"

    assert wrapper.__module__ == STOCK
    assert not identity(wrapper).portable
    assert "made_up" not in identity(wrapper).text


def test_partial_and_methods_are_objects():
    made = functools.partial(function_in(STOCK), "text")
    assert not identity(made).portable
    assert identity(made) == identity(made)
    assert identity(made) != identity(functools.partial(made.func, "other"))


class Lowerer:
    def __init__(self, pad):
        self.pad = pad


class Versioned(Lowerer):
    version = 3


def test_instances_from_outside():
    one = Lowerer(1)
    assert identity(one) == identity(one)
    assert identity(one) != identity(Lowerer(1))
    assert identity(Versioned(1)) == identity(Versioned(1))
    assert identity(Versioned(1)) != identity(Versioned(2))
    assert identity(Versioned(1)).portable
    assert identity(Versioned) != identity(Lowerer)
    assert identity(Lowerer).text == identity(Lowerer).text


def test_stock_instances_are_told_by_what_they_hold():
    made = attrs.make_class("Padded", ["pad"], frozen=True)
    made.__module__ = STOCK
    assert identity(made(1)) == identity(made(1))
    assert identity(made(1)).portable
    assert identity(made(1)) != identity(made(2))
    assert not identity(made(object())).portable


def test_a_stage_is_its_function_and_its_declaration():
    made = stage(writes=COUNT, version="1")(function_in("notebook"))
    assert identity(made).portable
    assert identity(made) == identity(attrs.evolve(made))
    assert identity(made) != identity(attrs.evolve(made, name="other"))
    assert identity(made) != identity(attrs.evolve(made, writes=(TEXT,)))
    assert identity(made) != identity(attrs.evolve(made, options={"a": 1}))


def test_a_redefined_cell_is_another_stage():
    cells = [stage(writes=COUNT)(function_in("__main__")) for _ in range(2)]
    graphs = [Graph([extract, cell], INPUTS, [COUNT]) for cell in cells]
    assert graphs[0].identity != graphs[1].identity
    assert graphs[0].identity == Graph([cells[0], extract], INPUTS, [COUNT]).identity
    assert not graphs[0].identity.portable


def test_the_identity_covers_every_stage():
    graph = sample_graph()
    seen = {graph.identity.text}
    for node in graph.stages:
        seen.add(graph.replace(node, attrs.evolve(node, version="other")).identity.text)
    assert len(seen) == 1 + len(graph.stages)


def test_a_graph_is_portable_if_all_stages_are():
    versioned = [attrs.evolve(node, version="1") for node in sample_graph().stages]
    graph = attrs.evolve(sample_graph(), stages=versioned)
    assert graph.identity.portable
    assert not graph.replace("lower", lower).identity.portable
    assert [name for name, item in graph.replace("lower", lower).identities.items() if not item.portable] == ["lower"]


def test_a_token_is_never_given_twice():
    seen = set()
    for _ in range(200):
        seen.add(object_token(types.SimpleNamespace()))
        seen.add(object_token(object()))
        gc.collect(0)
    assert len(seen) == 400


def test_equal_objects_are_two_objects():
    made = attrs.make_class("Equal", ["value"])
    one, two = made(1), made(1)
    assert one == two
    assert object_token(one) != object_token(two)


class Mode(enum.Enum):
    FAST = 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "int 1"),
        ("a", "str 'a'"),
        ((1, None), "tuple ['int 1', 'NoneType None']"),
        ({1: 1.5}, "dict [\"tuple ['int 1', 'float 1.5']\"]"),
        (object(), None),
        ([object()], None),
    ],
)
def test_plain_text(value, text):
    assert plain_text(value) == text


def test_plain_text_of_an_enum():
    assert plain_text(Mode.FAST) == f"{__name__}.Mode.FAST int 1"


def test_portable_means_the_same_in_another_process():
    code = "from nqx_graph.graph import identity, describe; print(identity(describe).text)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    from nqx_graph.graph import describe

    assert output.strip() == identity(describe).text
