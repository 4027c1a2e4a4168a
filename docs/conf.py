"""How the documentation is built: ``tox -e docs``, warnings are errors."""

import nqx_graph

project = "nqx_graph"
release = nqx_graph.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
# docstrings quote code in single backticks
default_role = "code"

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# no curly quotes: x' is a configuration
smartquotes_action = "De"
# the tests execute the notebooks; the pages show what is committed
nb_execution_mode = "off"

html_theme = "furo"
html_title = "nqx_graph"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False

_COLON = "\ue000"


def _hide_colon(app, what, name, obj, options, lines):
    """Napoleon takes ``words: more words`` of a property for a type and its description; these are sentences."""
    if what == "property" and lines:
        lines[0] = lines[0].replace(":", _COLON)


def _show_colon(app, what, name, obj, options, lines):
    lines[:] = [line.replace(_COLON, ":") for line in lines]


def setup(app):
    app.connect("autodoc-process-docstring", _hide_colon, priority=400)
    app.connect("autodoc-process-docstring", _show_colon, priority=600)
