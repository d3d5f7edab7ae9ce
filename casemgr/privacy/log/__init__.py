"""The log as the privacy officer reads it."""
