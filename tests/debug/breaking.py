"""Stages and lowerers that fail, in a module that a replay can import."""

from nqx_graph import Analysis, stage
from nqx_graph.passes import as_stage

STATS = Analysis("stats", dict, "What the stage of a test found.")


@stage(writes=STATS)
def breaks(ir, metadata):
    raise ZeroDivisionError(f"{ir.operator_name} of {metadata.get('run')}")


@stage(writes=STATS, version="2")
def meddles(validation_summary):
    validation_summary["seen"] = object
    return {}


renamed = stage(writes=STATS, name="under_another_name")(breaks.fn)


class Refusing:
    """A lowerer that refuses."""

    name, backend = "refusing", "jax"

    def supports(self, context):
        return True

    def lower(self, context):
        raise MemoryError(f"no room for {context.ir.operator_name}")


class Configured(Refusing):
    def __init__(self, name):
        self.name = name


configured = Configured("configured")


class BreakingPass:
    name = "breaking_pass"

    def run(self, context):
        raise ZeroDivisionError(f"pass over {context.ir.operator_name}")


breaking_pass = as_stage(BreakingPass(), reads=("ir",), writes=STATS)
