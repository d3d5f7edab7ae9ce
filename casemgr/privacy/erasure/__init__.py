"""Erasures, legal holds, restrictions and the certificate."""
