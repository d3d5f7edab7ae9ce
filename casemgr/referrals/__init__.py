"""Referrals out and in: what went, to whom, under which consent, and what came back."""
