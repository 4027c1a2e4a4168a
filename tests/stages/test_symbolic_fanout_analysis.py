from __future__ import annotations

import nqx_graph as sym
from nqx_graph.hilbert import Fock
from nqx_graph.stages.symbolic_fanout_analysis import symbolic_fanout_analysis


def test_rows_times_emissions_or_the_promise():
    operator = (
        sym.DOperator(Fock(3, N=4))
        .for_each_site("i").emit().emit()  # 4 rows, 2 emissions
        .globally().emit()  # 1 row
        .for_each_pair("i", "j").emit().fanout(5)  # 16 rows, 5 promised
        .for_each_distinct_pair("i", "j").emit().emit().emit()  # 12 rows, 3 emissions
        .for_each_site("i").emit().max_conn_size(4)  # a promise of all
        .build()
    )  # fmt: skip
    assert symbolic_fanout_analysis(operator.to_ir()) == ((8, 1, 5, 36, 4), 54)
    assert symbolic_fanout_analysis.describe(term_fanouts=(1, 2), total_fanout=3) == {"total_fanout": 3}
