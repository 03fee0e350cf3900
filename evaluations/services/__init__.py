"""One function per thing that happens: check, lock, write, history, in one transaction."""
