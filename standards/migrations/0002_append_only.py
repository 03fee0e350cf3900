"""Rows that are written once: the database refuses to change them too."""

from django.db import migrations

from common.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("standards", "0001_initial")]
    operations = [forbid_changes("standards_instrumentcontent")]
