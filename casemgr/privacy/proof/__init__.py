"""The state of the log: how far it is vouched for outside this machine, and by whom."""
