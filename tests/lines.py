"""Lines and tokens of functions as docs/howto/write_in_words.md tells them: counted in the text of a file that is not imported."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

WIDTH = 100
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def sizes_of(path: Path) -> dict[str, tuple[int, int]]:
    """The lines with code of each function of a file, without its signature and docstring, and the tokens on them.

    What a function uses is its own or imported: beside functions a file has imports and short names of what is imported. It
    is formatted by ruff for longer lines than `WIDTH`, and has none; for `WIDTH` it would look the same.
    """
    text = path.read_text(encoding="utf-8")
    assert max(map(len, text.split("from __future__", 1)[1].splitlines())) <= WIDTH, path
    tokens = [t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type not in NO_CODE]
    found = {}
    for part in ast.parse(text).body[1:]:
        assert isinstance(part, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)), ast.unparse(part)
        if isinstance(part, ast.Assign):
            assert isinstance(part.value, (ast.Name, ast.Attribute)), ast.unparse(part)
        if isinstance(part, ast.FunctionDef):
            body = part.body[1:] if ast.get_docstring(part) else part.body
            inside = [t for t in tokens if body[0].lineno <= t.start[0] <= (body[-1].end_lineno or 0)]
            rows = {row for t in inside for row in range(t.start[0], t.end[0] + 1)}
            found[part.name] = (len(rows), len(inside))
    return found
