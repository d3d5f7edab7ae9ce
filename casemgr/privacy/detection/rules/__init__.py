"""One small file for each rule: a pure function over a window of accesses and what is known."""
