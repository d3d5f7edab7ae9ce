"""The privacy officer's desk: who did what to which case. Nothing of a case's content."""
