"""Rows that are written once: history, submissions, file revisions."""

from typing import Any, ClassVar

from django.db import models


class AppendOnlyError(TypeError):
    """Code tried to change or delete a row that must stay as it is."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnlyError(f"{self.model.__name__} rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{self.model.__name__} rows are never deleted")


class AppendOnlyModel(models.Model):
    """A row that can be inserted and read. The database refuses updates too (triggers in the migrations)."""

    objects: ClassVar[models.Manager] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{type(self).__name__} rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"{type(self).__name__} rows are never deleted")


def forbid_changes(table: str):
    """Migration operations: triggers that refuse UPDATE on both databases, and DELETE on PostgreSQL.

    SQLite keeps DELETE open because Django empties tables between transactional tests with it; there the
    model and QuerySet above refuse.
    """
    from django.db import migrations

    def forwards(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
            )
        else:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )

    def backwards(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_append_only")

    return migrations.RunPython(forwards, backwards)


def refuse_when(table: str, name: str, event: str, condition: str, message: str, *, vendors: tuple[str, ...]):
    """Migration operation: a trigger that refuses *event* ("UPDATE", "DELETE") for rows that meet *condition*.

    The condition is SQL over ``OLD`` and ``NEW``; ``{differs}`` in it compares two values of which either may be
    NULL. Altering the table on SQLite makes it anew and loses its triggers: such a migration has to repeat this.
    """
    from django.db import migrations

    trigger = f"{table}_{name}"

    def forwards(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        if vendor not in vendors:
            return
        head = f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW"
        if vendor == "postgresql":
            schema_editor.execute(
                f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
            )
            when = condition.format(differs="IS DISTINCT FROM")
            schema_editor.execute(f"{head} WHEN ({when}) EXECUTE FUNCTION {trigger}()")
        else:
            when = condition.format(differs="IS NOT")
            schema_editor.execute(f"{head} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END")

    def backwards(apps, schema_editor):
        vendor = schema_editor.connection.vendor
        if vendor not in vendors:
            return
        if vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {trigger} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {trigger}()")
        else:
            schema_editor.execute(f"DROP TRIGGER {trigger}")

    return migrations.RunPython(forwards, backwards)
