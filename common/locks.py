"""Work that only one process may do at a time, whatever rows it will touch."""

from django.db import connection


def one_at_a_time(name: str) -> None:
    """Wait until no other transaction does the work called *name*; the turn ends with this transaction.

    SQLite lets in one writing transaction at a time anyway (settings: transaction_mode=IMMEDIATE).
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
