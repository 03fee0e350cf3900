"""One school, one year and one scheme, as a person looks at them: what every readiness page starts from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q
from django.urls import reverse

from accreditation.bodies import Body
from accreditation.catalogue import Layout, SchemeData
from accreditation.models import SchemeSheet
from accreditation.permissions import (
    can_enter,
    can_keep_scenarios,
    can_read_readiness,
    can_read_sispena,
    can_try,
    can_write_sispena,
)
from accreditation.services.readiness import (
    Material,
    Readiness,
    assess,
    gather,
    scheme_in_force,
    the_bodies,
    the_schemes,
)
from common.decisions import Decision
from evaluations.addresses import evaluation_or_404
from evaluations.models import Evaluation, QualityCycle, Section
from evaluations.permissions import can_read_drafts
from schools.addresses import NotFound
from schools.models import School, User
from standards.items import ItemSpec
from standards.naming import SELF_EVALUATION
from standards.services import the_library
from standards.wording import read_as


@dataclass(frozen=True)
class Tab:
    name: str  # of the address
    title: str
    url: str


class Place:
    """The national *evaluation* of the year stands for school, year and form of education."""

    def __init__(self, user: User, evaluation: Evaluation, scheme: SchemeData) -> None:
        self.user = user
        self.evaluation = evaluation
        self.scheme = scheme

    # what it is about
    @property
    def cycle(self) -> QualityCycle:
        return self.evaluation.cycle

    @property
    def school(self) -> School:
        return self.evaluation.school

    @property
    def form(self) -> str:
        return self.evaluation.form

    @property
    def layout(self) -> Layout:
        return self.scheme.layouts.get(self.form, Layout(()))

    @property
    def unscored(self) -> str:
        """Why this form of education cannot be scored under the scheme; "" when it can."""
        return self.scheme.reason(self.form)

    @property
    def bodies(self) -> tuple[Body, ...]:
        return the_bodies()

    @property
    def schemes(self) -> list[SchemeData]:
        return list(the_schemes().values())

    @cached_property
    def questions(self) -> dict[str, ItemSpec]:
        """The questions of the scheme's instrument for this form, whether the school opened it or not."""
        ref = self.scheme.spec.instrument
        specs = the_library().instruments if ref else ()
        spec = next((s for s in specs if ref and (s.instrument, s.version) == (ref.instrument, ref.version)), None)
        return spec.asked(self.form) if spec and self.form in spec.forms else {}

    @property
    def self_evaluation(self) -> str:
        """The short name of the self-evaluation there: EDS, or EDM."""
        return read_as(SELF_EVALUATION, self.form)

    # what it rests on
    @cached_property
    def material(self) -> Material:
        return gather(self.cycle, submitted_only=not self.drafts)

    @cached_property
    def readiness(self) -> Readiness:
        """Raises CannotScoreError where ``unscored`` says why."""
        return assess(self.material, self.scheme)

    @property
    def sheet(self) -> SchemeSheet | None:
        return self.material.sheets.get(self.scheme.key)

    @property
    def estimable(self) -> bool:
        """Whether answers of this year's self-evaluation can stand in for items that nobody answered."""
        ref = self.scheme.spec.instrument
        return ref is None or ref.instrument in self.material.crosswalks

    # what the person may
    @cached_property
    def submitted(self) -> bool:
        """Whether anything was submitted on which figures rest: self-evaluation, or instrument of the scheme."""
        ref = self.scheme.spec.instrument
        rest_on = Q(evaluation=self.evaluation)
        if ref is not None:
            rest_on |= Q(evaluation__cycle=self.cycle, evaluation__version__instrument=ref.instrument)
        return Section.objects.filter(rest_on, round__gt=0).exists()

    @cached_property
    def drafts(self) -> Decision:
        return can_read_drafts(self.user, self.school)

    @cached_property
    def readable(self) -> Decision:
        return can_read_readiness(self.user, self.evaluation, submitted=bool(self.drafts) or self.submitted)

    @cached_property
    def may_try(self) -> Decision:
        return can_try(self.user, self.school)

    @cached_property
    def may_keep(self) -> Decision:
        return can_keep_scenarios(self.user, self.school)

    @cached_property
    def may_enter(self) -> Decision:
        return can_enter(self.user, self.school)

    @cached_property
    def sispena_readable(self) -> Decision:
        return can_read_sispena(self.user, self.school)

    @cached_property
    def sispena_writable(self) -> Decision:
        return can_write_sispena(self.user, self.school)

    # addresses
    def url(self, name: str, *args: str) -> str:
        return reverse(f"accreditation:{name}", args=[self.school.npsn, self.cycle.year, self.scheme.key, *args])

    @property
    def instrument_url(self) -> str:
        """Where the instrument of the scheme is answered: its own page, or the one on which it is opened."""
        ref, year = self.scheme.spec.instrument, [self.school.npsn, self.cycle.year]
        if ref is not None and ref.instrument in self.material.beside:
            return reverse("evaluations:instrument", args=[*year, ref.instrument])
        return reverse("evaluations:instruments", args=year)

    @cached_property
    def tabs(self) -> list[Tab]:
        """The pages of this scheme that the person may open."""
        names = [("readiness", "Kesiapan")]
        if not self.unscored:
            names.append(("gaps", "Celah"))
            names += [("what_if", "Simulasi"), ("path", "Jalan terpendek")] if self.may_try else []
            has_sheet = self.scheme.spec.instrument is None or self.scheme.spec.index or self.scheme.spec.thresholds
            names += [("entries", "Isian")] if has_sheet and self.drafts else []
        names += [("sispena", "Untuk Sispena")] if self.scheme.spec.documents and self.sispena_readable else []
        return [Tab(name, title, self.url(name)) for name, title in names]


def scheme_or_404(key: str) -> SchemeData:
    """Raises NotFound."""
    scheme = the_schemes().get(key)
    if scheme is None:
        raise NotFound(f"Skema “{key[:20]}” tidak ada. Pilih dari halaman kesiapan akreditasi.")
    return scheme


def place_or_404(user: User, npsn: str, year: int, scheme: str = "") -> Place:
    """The place of an address; without *scheme* under the one in force. Raises NotFound."""
    evaluation = evaluation_or_404(user, npsn, year)
    return Place(user, evaluation, scheme_or_404(scheme) if scheme else scheme_in_force())
