"""Screenings: asking in private, once, with the right to stay silent (domain §3, R1-R3)."""
