"""What a user writes: a builder, selectors, updates. Everything here builds the IR and computes nothing."""
