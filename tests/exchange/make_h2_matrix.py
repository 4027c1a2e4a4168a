"""Writes h2_matrix.json: what OpenFermion makes of the terms of h2.py.

Run it in an environment with OpenFermion: ``python tests/exchange/make_h2_matrix.py``. It prints the ground-state energy.
"""

import json
from pathlib import Path

import h2
import numpy as np
import openfermion

operator = openfermion.FermionOperator()
for term, weight in h2.terms().items():
    operator += openfermion.FermionOperator(term, weight)
matrix = openfermion.get_sparse_operator(operator, n_qubits=h2.MODES).toarray()
assert not np.any(matrix.imag)
qubits = openfermion.jordan_wigner(operator)
qubits.compress()
strings = {" ".join(f"{letter}{site}" for site, letter in term): weight.real for term, weight in qubits.terms.items()}
rows, columns = np.nonzero(matrix)
made = {
    "made by": f"make_h2_matrix.py with OpenFermion {openfermion.__version__}",
    "matrix": [[int(r), int(c), float(matrix[r, c].real)] for r, c in zip(rows, columns, strict=True)],
    "jordan_wigner": strings,
}
entries = ",\n".join(f"  {json.dumps(entry)}" for entry in made["matrix"])
weights = ",\n".join(f"  {json.dumps(string)}: {weight!r}" for string, weight in strings.items())
Path(__file__).with_name("h2_matrix.json").write_text(
    f'{{\n "made by": {json.dumps(made["made by"])},\n "matrix": [\n{entries}\n ],\n "jordan_wigner": {{\n{weights}\n }}\n}}\n',
    encoding="utf-8",
)
print(openfermion.__version__, np.linalg.eigvalsh(matrix)[0], np.linalg.eigvalsh(matrix)[0] + h2.NUCLEAR)
