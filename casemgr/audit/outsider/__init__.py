"""The verifier that an outsider runs: parts of one file that needs nothing of casemgr."""
