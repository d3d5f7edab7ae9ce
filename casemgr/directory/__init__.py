"""The hospital itself, and the organisations, services and hotlines that people are referred to."""
