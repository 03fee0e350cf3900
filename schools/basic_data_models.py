"""The table of data pokok. schools.models imports it; the rules of its cells stand in schools.basic_data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from schools.academic_year import FIRST, LAST, AcademicYear
from schools.basic_data import CellValue, FormSheet, form_sheet, known_values

if TYPE_CHECKING:
    from schools.models import School


class BasicDataQuerySet(models.QuerySet["BasicData"]):
    def of(self, school: School, year: AcademicYear) -> BasicData | None:
        """The school's sheet of the year; None before anything was saved."""
        row = self.select_related("updated_by").filter(school=school, year=year.start).first()
        if row is not None:
            row.school = school  # its form decides which cells there are
        return row


class BasicData(models.Model):
    """The figures of one school in one academic year, by the codes of data/basic_data.yaml.

    A code without a value is an empty cell. ``writes`` only grows: a save names the number that the person saw.
    """

    school = models.ForeignKey("schools.School", models.PROTECT, related_name="basic_data", verbose_name="sekolah")
    year = models.PositiveSmallIntegerField("tahun mulai", help_text="2026 untuk 2026/2027")
    values = models.JSONField("isian", default=dict)
    writes = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField("diubah")

    objects = BasicDataQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "school"]
        verbose_name = "data pokok"
        verbose_name_plural = "data pokok"
        constraints = [
            models.UniqueConstraint(fields=["school", "year"], name="basic_data_one_per_year"),
            models.CheckConstraint(condition=Q(year__gte=FIRST, year__lte=LAST), name="basic_data_year"),
        ]

    def __str__(self) -> str:
        return f"data pokok {self.school} {self.academic_year}"

    @property
    def academic_year(self) -> AcademicYear:
        return AcademicYear(self.year)

    @property
    def sheet(self) -> FormSheet:
        return form_sheet(self.school.form, self.school.naungan)

    @property
    def known(self) -> dict[str, CellValue]:
        """The values of the cells that the school is asked."""
        return known_values(self.sheet, self.values)
