"""The statement for the person: who looked at what of their file, when and why (R26)."""
