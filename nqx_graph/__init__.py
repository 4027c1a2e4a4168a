"""A compiler for discrete quantum operators in which every pass is a node of a dataflow graph."""
