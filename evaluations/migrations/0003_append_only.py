"""Rows that are written once: the database refuses to change them too."""

from django.db import migrations

from common.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_initial")]
    operations = [forbid_changes("evaluations_evidencerevision"), forbid_changes("evaluations_submission"), forbid_changes("evaluations_review")]
