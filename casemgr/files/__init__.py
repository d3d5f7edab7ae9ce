"""Sealed files: where their bytes lie, which of them count, and how they go. Names nobody."""
