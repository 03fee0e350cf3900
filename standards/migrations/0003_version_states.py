"""States of a version with their times, owners, and triggers that keep what was published."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from common.append_only import refuse_when

FIXED = ["id", "instrument", "version", "title", "position", "content_id", "owner_school_id", "owner_office_id",
         "published_at", "published_by_id"]
BOTH = ("postgresql", "sqlite")


def date_the_retired(apps, schema_editor):
    """No service retired a version so far; one that was retired by hand gets the day of this migration."""
    versions = apps.get_model("standards", "InstrumentVersion").objects
    versions.filter(status="RETIRED").update(retired_at=timezone.now())


def differ(columns):
    return " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_append_only'),
        ('standards', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='instrumentversion',
            name='owner_office',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='instruments', to='schools.office', verbose_name='dinas pemilik'),
        ),
        migrations.AddField(
            model_name='instrumentversion',
            name='owner_school',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='instruments', to='schools.school', verbose_name='sekolah pemilik'),
        ),
        migrations.AddField(
            model_name='instrumentversion',
            name='published_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='terbit pada'),
        ),
        migrations.AddField(
            model_name='instrumentversion',
            name='published_by',
            field=models.ForeignKey(blank=True, help_text='kosong bila dimuat dari berkas', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='instrumentversion',
            name='retired_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ditarik pada'),
        ),
        migrations.RunPython(date_the_retired, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='instrumentversion',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'DRAFT')), fields=('instrument',), name='instrument_version_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='instrumentversion',
            constraint=models.CheckConstraint(condition=models.Q(('owner_school__isnull', True), ('owner_office__isnull', True), _connector='OR'), name='instrument_version_owner'),
        ),
        migrations.AddConstraint(
            model_name='instrumentversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('instrument__startswith', 'sekolah-'), ('owner_school__isnull', False)), models.Q(('instrument__startswith', 'dinas-'), ('owner_office__isnull', False)), models.Q(('owner_office__isnull', True), ('owner_school__isnull', True), models.Q(('instrument__startswith', 'sekolah-'), _negated=True), models.Q(('instrument__startswith', 'dinas-'), _negated=True)), _connector='OR'), name='instrument_version_key'),
        ),
        migrations.AddConstraint(
            model_name='instrumentversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('published_by__isnull', True), ('retired_at__isnull', True), ('status', 'DRAFT')), models.Q(('retired_at__isnull', True), ('status', 'PUBLISHED')), models.Q(('retired_at__isnull', False), ('status', 'RETIRED')), _connector='OR'), name='instrument_version_times'),
        ),
        # After everything that makes the table anew on SQLite, which would lose the triggers.
        refuse_when(
            "standards_instrumentversion", "immutable", "UPDATE",
            f"OLD.status <> 'DRAFT' AND ({differ(FIXED)} OR (OLD.status = 'RETIRED' AND {differ(['retired_at'])}))",
            "a published instrument version never changes",
            vendors=BOTH,
        ),
        refuse_when(
            "standards_instrumentversion", "one_way", "UPDATE",
            "NEW.status <> OLD.status AND NOT (OLD.status = 'DRAFT' AND NEW.status = 'PUBLISHED') "
            "AND NOT (OLD.status = 'PUBLISHED' AND NEW.status = 'RETIRED')",
            "an instrument version goes from draft to published to retired",
            vendors=BOTH,
        ),
        # On SQLite the model layer alone refuses: tests empty tables with DELETE there (see common.append_only).
        refuse_when(
            "standards_instrumentversion", "kept", "DELETE", "OLD.status <> 'DRAFT'",
            "a published instrument version is never deleted",
            vendors=("postgresql",),
        ),
    ]
