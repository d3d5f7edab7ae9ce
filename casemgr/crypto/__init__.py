"""Sealing: byte layout, keys, the sealed descriptor and search without leaking.

Bytes are laid out as FORMAT.md says. Every primitive comes from ``cryptography``.
"""
