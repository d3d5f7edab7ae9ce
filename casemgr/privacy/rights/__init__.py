"""Requests in which a person uses their rights about their own data (Luật 91/2025/QH15)."""
