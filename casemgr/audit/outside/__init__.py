"""How the head of the log leaves this machine, so that nobody who rules it can rewrite history."""
