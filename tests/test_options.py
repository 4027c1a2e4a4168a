from __future__ import annotations

import attrs
import pytest
import small

import nqx_graph as sym
from nqx_graph.errors import OptionError, OptionTypeError

DEFAULTS = {
    "aot_batch_shape": None,
    "backend_preference": "auto",
    "cache_enabled": True,
    "cache_namespace": "nqx_symbolic_v1",
    "enable_fusion": True,
    "fail_on_warnings": False,
    "min_severity": "warning",
    "on_out_of_domain": "nan",
    "optimize": False,
    "strict_validation": True,
}


def test_defaults_and_signature():
    options = sym.SymbolicCompilerOptions()
    assert attrs.asdict(options) == DEFAULTS
    assert options.static_signature() == tuple(sorted(DEFAULTS.items()))
    assert options == sym.SymbolicCompilerOptions(**DEFAULTS)
    assert hash(options) == hash(sym.SymbolicCompilerOptions(**DEFAULTS))


@pytest.mark.parametrize(
    ("name", "value", "facts"),
    [
        ("backend_preference", "jaxx", ("'auto', 'jax', 'numpy'", "'jaxx'", "Did you mean 'jax'?")),
        ("backend_preference", "gpu", ("'auto', 'jax', 'numpy'", "'gpu'")),
        ("backend_preference", None, ("'auto', 'jax', 'numpy'", "None")),
        ("on_out_of_domain", "nann", ("'nan', 'drop', 'trust'", "Did you mean 'nan'?")),
        ("on_out_of_domain", True, ("'nan', 'drop', 'trust'", "True")),
    ],
)
def test_a_value_that_does_not_exist(name, value, facts):
    with pytest.raises(OptionError) as caught:
        sym.SymbolicCompilerOptions(**{name: value})
    assert isinstance(caught.value, ValueError)
    for fact in (name, *facts):
        assert fact in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("cache_enabled", 1, "bool"),
        ("cache_enabled", "yes", "bool"),
        ("enable_fusion", None, "bool"),
        ("strict_validation", 0, "bool"),
        ("cache_namespace", 3, "str"),
        ("cache_namespace", None, "str"),
    ],
)
def test_a_value_of_the_wrong_type(name, value, kind):
    with pytest.raises(OptionTypeError) as caught:
        sym.SymbolicCompilerOptions(**{name: value})
    assert isinstance(caught.value, TypeError)
    assert f"{name} must be {kind}; it is {value!r}, a {type(value).__name__}." == str(caught.value)


def test_an_option_that_does_not_exist_and_frozenness():
    with pytest.raises(TypeError, match="enable_fusions"):
        sym.SymbolicCompilerOptions(enable_fusions=True)
    with pytest.raises(TypeError):
        sym.SymbolicCompilerOptions("jax")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        sym.SymbolicCompilerOptions().cache_enabled = False


@pytest.mark.parametrize("wrong", [{"cache_enabled": False}, "jax", 0, False, sym.SymbolicCompilerOptions])
def test_options_that_are_no_options(wrong):
    operator = small.number()
    for attempt in (
        lambda: sym.SymbolicCompiler(options=wrong),
        lambda: sym.SymbolicCompiler().compile(operator, options=wrong),
        lambda: sym.SymbolicCompiler().compile_operator(operator, options=wrong),
        lambda: operator.compile(options=wrong),
    ):
        with pytest.raises(OptionTypeError, match="SymbolicCompilerOptions"):
            attempt()


def test_each_option_does_what_it_says():
    operator = small.number() + small.number(weight=2.0)

    def compiled(**options):
        return sym.SymbolicCompiler().compile(operator, options=sym.SymbolicCompilerOptions(**options))

    assert compiled(enable_fusion=True).analyses["fusion_groups"] == ((0, 1),)
    assert compiled(enable_fusion=False).analyses["fusion_groups"] == ((0,), (1,))
    assert compiled(backend_preference="auto").backend == "jax"
    assert compiled(backend_preference="jax").lowerer_name == "jax_symbolic_v1"
    assert compiled(backend_preference="numpy").lowerer_name == "numpy_reference"
    assert compiled(cache_enabled=False).cache_token() is None
    assert compiled(cache_namespace="").cache_key.namespace == ""


def test_a_backend_is_known_once_a_lowerer_of_it_is_registered():
    with pytest.raises(OptionError, match="or the backend of a lowerer that is registered; it is 'made_up'"):
        sym.SymbolicCompilerOptions(backend_preference="made_up")

    class MadeUp:
        name, backend = "made_up_v1", "made_up"

        def supports(self, context):
            return context.selected_backend == "made_up"

        def lower(self, context):
            return sym.SymbolicCompiledArtifact("made_up", self.name, "made", {"total_padded_size": 0})

    compiler = sym.SymbolicCompiler(lowerer_registry=sym.SymbolicLowererRegistry((MadeUp(),)))
    options = sym.SymbolicCompilerOptions(backend_preference="made_up")
    assert compiler.compile(small.number(), options=options).compiled_operator == "made"
