"""Detection: rules that read the log for what a privacy officer should look at."""
