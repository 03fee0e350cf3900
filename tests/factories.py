"""Rows for tests: valid by default, unique per call. What services do is built through the services."""

from __future__ import annotations

from datetime import date
from functools import cache

import factory
from factory.django import DjangoModelFactory

from evaluations.models import AnswerState, Evaluation, Section
from evaluations.services import answers, cycles, reviews, submissions
from schools.academic_year import AcademicYear
from schools.choices import EducationForm, Naungan, Ownership, RegionLevel, Role
from schools.models import Assignment, Office, Region, School, User
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec
from standards.library import Library
from standards.library import load_library as read_library
from standards.models import InstrumentVersion
from standards.services import load_library, publish

PASSWORD = "mutu-2026"


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "33.01"
    name = "Kabupaten Contoh"
    level = RegionLevel.REGENCY
    time_zone = "Asia/Jakarta"


class SchoolFactory(DjangoModelFactory):
    class Meta:
        model = School

    npsn = factory.Sequence(lambda n: f"3{n:07d}")
    name = factory.Sequence(lambda n: f"SD Uji {n}")
    form = EducationForm.SD
    ownership = Ownership.PUBLIC
    naungan = Naungan.KEMENDIKDASMEN
    region = factory.SubFactory(RegionFactory)


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    name = factory.Sequence(lambda n: f"Dinas Uji {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"orang{n}")
    name = factory.Sequence(lambda n: f"Orang Uji {n}")
    password = factory.django.Password(PASSWORD)


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = Assignment

    person = factory.SubFactory(UserFactory)
    school = factory.SubFactory(SchoolFactory)
    role = Role.CONTRIBUTOR
    valid_from = date(2020, 7, 1)


def person_at(school: School, role: Role, **kwargs) -> User:
    """A new user with this role at *school*."""
    return AssignmentFactory(school=school, role=role, **kwargs).person


@cache
def the_library() -> Library:
    """The data files, parsed once per process: reading them takes longer than most tests."""
    return read_library()


SHORT = "2025.1"  # the edition of standards 7 and 8 alone, in which most tests find all they need


def the_version(edition: str = SHORT) -> InstrumentVersion:
    """A published edition of eds-snp, alone: the rest of the data files takes longer to load than most tests."""
    rows = InstrumentVersion.objects.filter(instrument="eds-snp", version=edition)
    if not rows.exists():
        publish(the_spec(edition))
    return rows.get()


def whole_catalogue() -> None:
    """All that the data files hold, for tests that need more than an edition of eds-snp."""
    load_library(the_library())


def the_spec(edition: str = SHORT) -> InstrumentSpec:
    """The same as data, without a database."""
    return next(s for s in the_library().instruments if (s.instrument, s.version) == ("eds-snp", edition))


class Place:
    """A school with a started cycle and one person per role: ``place.principal``, ``place.team`` …

    *edition* and *scope* say what is asked; the scope of an edition that has some is its first one unless given.
    """

    def __init__(self, year: int = 2026, *, edition: str = SHORT, scope: str | None = None, **school) -> None:
        version = the_version(edition)
        self.school = SchoolFactory(**school)
        self.principal = person_at(self.school, Role.PRINCIPAL)
        self.team = person_at(self.school, Role.QUALITY_TEAM)
        self.teacher = person_at(self.school, Role.CONTRIBUTOR)
        self.operator = person_at(self.school, Role.OPERATOR)
        self.supervisor = person_at(self.school, Role.SUPERVISOR)
        self.cycle = cycles.start_cycle(
            self.school, AcademicYear(year), actor=self.principal, version=version, scope=scope
        )
        self.evaluation = Evaluation.objects.with_place().get(cycle=self.cycle)

    def section(self, standard: str = "8") -> Section:
        """A fresh copy, with everything that permissions look at."""
        return Section.objects.select_related("evaluation__cycle__school__region", "evaluation__version").get(
            evaluation=self.evaluation, standard=standard
        )

    def answer(self, code: str, level: int = 3, *, actor: User | None = None, note: str = "") -> None:
        """Answer one item so that it reads as about *level* (4 best, 1 lowest)."""
        section = self.section(code.partition(".")[0])
        row = section.answers.filter(item_code=code).first()
        answers.record_answer(
            section.pk,
            code,
            answers.AnswerInput(AnswerState.ANSWERED, sample_value(section.item(code), level), note=note),
            version=row.version if row else 0,
            actor=actor or self.teacher,
        )

    def fill(self, standard: str = "8", level: int = 3) -> None:
        for item in self.section(standard).items:
            self.answer(item.code, level)

    def submit(self, standard: str = "8", **kwargs):
        return submissions.submit_section(self.section(standard).pk, actor=self.principal, **kwargs)

    def open(self, standard: str = "8") -> None:
        reviews.open_review(self.section(standard).pk, actor=self.team)

    def confirm_all(self, standard: str = "8") -> None:
        section = self.section(standard)
        for code in submissions.answered_codes(section.submissions.order_by("-round").first()):
            reviews.review_item(section.pk, code, "CONFIRMED", actor=self.team)

    def verify(self, standard: str = "8") -> None:
        reviews.verify_section(self.section(standard).pk, actor=self.team)

    def complete(self, level: int = 3) -> Evaluation:
        """The whole way: fill, submit, review, verify every standard, approve."""
        for standard in self.evaluation.spec.standards_for(self.evaluation.form, self.evaluation.scope):
            self.fill(standard, level)
            self.submit(standard)
            self.open(standard)
            self.confirm_all(standard)
            self.verify(standard)
        return reviews.approve_evaluation(self.evaluation.pk, actor=self.principal)


def sample_value(item: ItemSpec, level: int) -> dict:
    """An answer in stored form that reads as about *level*."""
    share = {1: 0, 2: 5, 3: 8, 4: 10}[level]
    if item.kind == "rubric":
        return {"level": level}
    if item.kind == "ratio":
        return {"count": share, "of": 10}
    if item.kind == "yesno":
        return {"value": level >= 3}
    points = [point.code for point in item.points]
    return {"met": points[: len(points) * share // 10]}


__all__ = ["PASSWORD", "AssignmentFactory", "OfficeFactory", "Place", "RegionFactory", "SchoolFactory", "UserFactory"]
