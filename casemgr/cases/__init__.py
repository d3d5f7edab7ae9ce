"""The case: who it is about, how to reach them safely, consent, care team, notes, tasks."""
