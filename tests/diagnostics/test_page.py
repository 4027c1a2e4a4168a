"""Every code has a section in the reference whose wrong example it tells of, and whose mended one it does not."""

import re
from pathlib import Path

import pytest

import nqx_graph as sym
from nqx_graph.diagnostics.rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "diagnostics.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^\((nqx\d{3})\)=\n## (NQX\d{3}): (.+?)\n(.*?)(?=^\(nqx|^## Reference)", re.M | re.S)
SECTIONS = {code: (anchor, title, body) for anchor, code, title, body in SECTION.findall(PAGE)}
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def examples(code):
    """What the blocks of a section define, after what the page begins with."""
    namespace = {"print": lambda *_: None}
    exec(BLOCK.search(PAGE)[1], namespace)
    for block in BLOCK.findall(SECTIONS[code][2]):
        exec(block, namespace)
    return namespace["wrong"], namespace["mended"]


def test_every_rule_has_its_section():
    assert {code: title for code, (_, title, _) in SECTIONS.items()} == {rule.code: rule.title for rule in RULES}
    assert all(anchor == code.lower() for code, (anchor, _, _) in SECTIONS.items())


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_it_tells_of_the_wrong_example_and_not_of_the_mended_one(code):
    wrong, mended = examples(code)
    found = sym.diagnose(wrong)
    assert found.codes == (code,)
    assert found[0].docs.endswith(f"#{SECTIONS[code][0]}")
    assert found[0].message.endswith((".", "]")) and found[0].hint.endswith(".")
    assert code not in sym.diagnose(mended, min_severity="info").codes
    assert len(sym.diagnose(mended)) == 0


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.code != "NQX009"])
def test_the_offending_line_is_one_of_the_operator_s_text(code):
    wrong, _ = examples(code)
    found = sym.diagnose(wrong)[0]
    assert found.line in [line.strip() for line in str(wrong.to_ir()).splitlines()]
    start, end = found.span
    assert 0 <= start < end <= len(found.line)
