"""Work that does not happen in a request: jobs written in the causing transaction, one worker."""
