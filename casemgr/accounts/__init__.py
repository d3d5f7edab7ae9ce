"""People who sign in: password, server-side sessions, building the Actor."""
