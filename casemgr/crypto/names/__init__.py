"""Finding people by name: Vietnamese folding, the index in memory and the packed one."""
