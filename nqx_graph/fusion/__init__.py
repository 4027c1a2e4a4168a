"""What can be known of an operator's branches before any x: which reach one x', and which cancel.

``streams`` takes constants out of amplitudes, ``effects`` reads what updates do, ``plan`` gives every branch its slot.
"""
