"""What the workshop of own instruments shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from common import clock
from common.decisions import ALLOWED, Decision
from common.zones import DEFAULT_ZONE
from evaluations.forms import AnswerForm
from evaluations.grouping import Bundle, Group, bundles, grouped
from evaluations.models import Evaluation, QualityCycle, Section
from evaluations.presentation import Card
from evaluations.services.workshop import Reach, Running, forms_of, publishing_problems, reach, running
from schools.addresses import NotFound
from schools.choices import Naungan
from schools.models import AuditEvent, Office, Region, School, User
from standards import naming
from standards.catalogue import Catalogue, CatalogueRow
from standards.comparison import Comparison, MarkedField, MarkedItem, compare, marked
from standards.instruments import InstrumentSpec
from standards.items import ItemSpec
from standards.lint import Remark, remarks
from standards.models import InstrumentContent, InstrumentVersion, LegalBasis, spec_by_hash
from standards.permissions import can_edit_draft, can_keep_instruments, can_retire
from standards.services import the_catalogue

MISSING = "Instrumen sendiri ini tidak ada, atau pemiliknya di luar tugas Anda."
HISTORY = 20
ACTIONS = {
    "instrument.draft_created": "Draf dimulai",
    "instrument.draft_saved": "Draf diubah",
    "instrument.published": "Diterbitkan",
    "instrument.retired": "Ditarik",
}


def version_or_404(user: User | AnonymousUser, key: str, version: str) -> InstrumentVersion:
    """An own instrument that *user* may know. Raises NotFound, for national ones too: they have no owner."""
    rows = InstrumentVersion.objects.visible_to(user).with_owner().filter(instrument=key, version=version)
    found = rows.first()
    if found is None or found.owner is None:
        raise NotFound(MISSING)
    return found


def item_or_404(version: InstrumentVersion, code: str) -> ItemSpec:
    for item in version.spec.items:
        if item.code == code:
            return item
    raise NotFound(f"Pertanyaan {code[:12]} tidak ada dalam versi ini. Barangkali sudah dihapus.")


def changed_since(spec: InstrumentSpec, code: str, seen: str) -> ItemSpec | None:
    """The question as it is in *spec*, when it is another one than in the content that somebody saw; else None."""
    try:
        before = {item.code: item for item in spec_by_hash(seen).items}
    except InstrumentContent.DoesNotExist:
        before = {}
    return next((item for item in spec.items if item.code == code and before.get(code) != item), None)


# --- the list -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnInstrument:
    """All versions of one instrument, the newest first."""

    owner: School | Office
    versions: tuple[InstrumentVersion, ...]

    @property
    def newest(self) -> InstrumentVersion:
        return self.versions[0]


def own_instruments(owners: Iterable[School | Office]) -> list[OwnInstrument]:
    """By owner and title; one query, and the contents are not read."""
    rows = InstrumentVersion.objects.owned_by(owners).with_owner().order_by("instrument", "-position")
    found = [tuple(versions) for _, versions in groupby(rows, lambda row: row.instrument)]
    instruments = [OwnInstrument(versions[0].owner, versions) for versions in found if versions[0].owner is not None]
    return sorted(instruments, key=lambda one: (one.owner.name, one.newest.title, one.newest.instrument))


@dataclass(frozen=True)
class OwnerChoice:
    """For whom an instrument can be started; ``value`` is a school's NPSN or an office's name."""

    owner: School | Office
    value: str


def owner_choices(owners: Iterable[School | Office]) -> list[OwnerChoice]:
    return [OwnerChoice(owner, owner.npsn if isinstance(owner, School) else owner.name) for owner in owners]


def legal_bases() -> list[tuple[str, str]]:
    return [(basis.key, f"{basis.title} tentang {basis.subject}") for basis in LegalBasis.objects.order_by("key")]


# --- one version --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One question in the list, and whether it may go up or down below its part."""

    item: ItemSpec
    first: bool
    last: bool

    @property
    def slug(self) -> str:
        return self.item.code.replace(".", "-")

    @property
    def kind(self) -> str:
        return naming.KINDS[self.item.kind]


@dataclass(frozen=True)
class PartLines:
    row: CatalogueRow
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class StandardLines:
    row: CatalogueRow
    parts: tuple[PartLines, ...]


def listed(spec: InstrumentSpec) -> list[StandardLines]:
    """Questions below their parts in the order of the catalogue, inside a part in that of the author."""
    by_part: dict[str, list[ItemSpec]] = {}
    for item in spec.items:
        by_part.setdefault(item.subindicator, []).append(item)
    found: dict[str, list[PartLines]] = {}
    for row in the_catalogue().rows:
        items = by_part.get(row.code, [])
        if items:
            ends = (items[0], items[-1])
            lines = tuple(Line(item, item is ends[0], item is ends[1]) for item in items)
            found.setdefault(row.code.partition(".")[0], []).append(PartLines(row, lines))
    by_code = the_catalogue().by_code
    return [StandardLines(by_code[code], tuple(parts)) for code, parts in found.items()]


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    what: str
    who: str
    at: Any


class VersionView:
    """One version as *user* sees it; rows are read when asked for."""

    def __init__(self, user: User, version: InstrumentVersion) -> None:
        self.user, self.version = user, version
        self.spec = version.spec
        self.owner = version.owner
        self.zone = version.owner_school.time_zone if version.owner_school else DEFAULT_ZONE

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"evaluations:workshop_{name}", args=[self.version.instrument, self.version.version, *args])

    # what templates link to
    @property
    def version_url(self) -> str:
        return self.url("version")

    @property
    def header_url(self) -> str:
        return self.url("header")

    @property
    def add_url(self) -> str:
        return self.url("add")

    @property
    def preview_url(self) -> str:
        return self.url("preview")

    @property
    def import_url(self) -> str:
        return self.url("import")

    @property
    def publish_url(self) -> str:
        return self.url("publish")

    @property
    def retire_url(self) -> str:
        return self.url("retire")

    @property
    def discard_url(self) -> str:
        return self.url("discard")

    @property
    def next_url(self) -> str:
        return self.url("next")

    @property
    def xlsx_url(self) -> str:
        return self.url("export", "xlsx")

    @property
    def yaml_url(self) -> str:
        return self.url("export", "yaml")

    @cached_property
    def instruments_url(self) -> str:
        """Where a school opens its published version to be answered, in its newest year; "" where it cannot."""
        school = self.version.owner_school
        if school is None or self.version.status != InstrumentVersion.Status.PUBLISHED:
            return ""
        cycle = QualityCycle.objects.filter(school=school).order_by("-year").first()
        return reverse("evaluations:instruments", args=[school.npsn, cycle.year]) if cycle else ""

    @property
    def is_draft(self) -> bool:
        return self.version.status == InstrumentVersion.Status.DRAFT

    @cached_property
    def can_keep(self) -> Decision:
        return can_keep_instruments(self.user, self.owner)

    @cached_property
    def can_edit(self) -> Decision:
        return can_edit_draft(self.user, self.version)

    @cached_property
    def can_retire(self) -> Decision:
        return can_retire(self.user, self.version)

    @cached_property
    def standards(self) -> list[StandardLines]:
        return listed(self.spec)

    @cached_property
    def siblings(self) -> list[InstrumentVersion]:
        """All versions of the instrument that this person may know, the newest first."""
        rows = InstrumentVersion.objects.visible_to(self.user).filter(instrument=self.version.instrument)
        return list(rows.order_by("-position"))

    @property
    def draft(self) -> InstrumentVersion | None:
        return next((one for one in self.siblings if one.status == InstrumentVersion.Status.DRAFT), None)

    @property
    def draft_url(self) -> str:
        return VersionView(self.user, self.draft).version_url if self.draft else ""

    @cached_property
    def history(self) -> list[Happening]:
        """The last things that happened, the newest first; for those who write."""
        rows = AuditEvent.objects.about(self.version).select_related("actor").order_by("-at", "-pk")[:HISTORY]
        return [Happening(ACTIONS.get(row.action, row.action), str(row.actor or ""), row.at) for row in rows]

    @property
    def forms(self) -> str:
        return ", ".join(self.spec.forms)


# --- publishing ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What changes for one form of education between the version in use and the draft."""

    form: str
    old: InstrumentVersion
    result: Comparison
    header: list[MarkedField]
    changed: list[MarkedItem]


class PublishView(VersionView):
    """What publishing would change, and for whom."""

    @cached_property
    def problems(self) -> list[str]:
        return publishing_problems(self.version)

    @cached_property
    def remarks(self) -> list[Remark]:
        return remarks(self.spec)

    @cached_property
    def reach(self) -> list[Reach]:
        return reach(self.version)

    @property
    def schools(self) -> int:
        return sum(one.schools for one in self.reach)

    @cached_property
    def running(self) -> list[Running]:
        return running(self.version.instrument)

    @cached_property
    def before(self) -> InstrumentVersion | None:
        """The version that is offered now."""
        return InstrumentVersion.objects.newest(self.version.instrument)

    @property
    def is_newest(self) -> bool:
        return self.before is not None and self.before.pk == self.version.pk

    @cached_property
    def offered_after_retiring(self) -> InstrumentVersion | None:
        rows = InstrumentVersion.objects.published().filter(instrument=self.version.instrument)
        return rows.exclude(pk=self.version.pk).order_by("-position").first()

    def difference(self, form: str) -> Difference | None:
        """None without a version before. Raises NotFound for a form that the draft does not ask."""
        if self.before is None:
            return None
        form = self.form(form)
        result = compare(self.before.spec, self.spec, form)
        changed = [MarkedItem(change, marked(change.fields)) for change in result.changed]
        return Difference(form, self.before, result, marked(result.header), changed)

    def form(self, form: str) -> str:
        """*form*, or the first one when none was chosen."""
        if form and form not in self.spec.forms:
            raise NotFound(f"Instrumen ini tidak dipakai untuk bentuk “{form[:10]}”.")
        return form or self.spec.forms[0]


# --- preview ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PreviewCard(Card):
    """The card of the section's page over a question that nobody can answer yet."""

    @property
    def draft_key(self) -> str:
        return ""  # never that of an entry that waits on the phone


@dataclass(frozen=True)
class PreviewSection:
    """One standard of a draft as the page of a section draws it; stands for its ``view``, and reads nothing."""

    section: Section
    row: CatalogueRow
    groups: list[Group]
    shelf: tuple[()] = ()
    folds: bool = False
    no_notices: tuple[()] = ()

    @property
    def evaluation(self) -> Evaluation:
        return self.section.evaluation

    @property
    def spec(self) -> InstrumentSpec:
        return self.evaluation.spec

    @property
    def catalogue(self) -> Catalogue:
        return self.evaluation.catalogue

    @property
    def school(self) -> School:
        return self.section.evaluation.school


def _example_school(owner: School | Office, form: str) -> School:
    """Where the preview takes place: the school itself, or one that stands for those of an office."""
    if isinstance(owner, School):
        return owner
    naungan = owner.naungan[0] if owner.naungan else Naungan.KEMENDIKDASMEN
    region = Region(time_zone=DEFAULT_ZONE)
    return School(npsn="00000000", name=f"Contoh {form}", form=form, naungan=naungan, region=region)


def preview(version: InstrumentVersion, owner: School | Office, form: str, standard: str, code: str) -> PreviewSection:
    """One standard, or with *code* one question, as a school of *form* would see it. Nothing is stored or read.

    Raises NotFound for a standard or question that is not asked there.
    """
    school = _example_school(owner, form)
    cycle = QualityCycle(school=school, year=clock.today(school.time_zone).year)
    evaluation = Evaluation(cycle=cycle, version=version, form=form)
    section = Section(evaluation=evaluation, standard=standard)
    items = [item for item in version.spec.items_for(form, standard) if code in ("", item.code)]
    if not items:
        raise NotFound("Pertanyaan itu tidak ditanyakan di bentuk ini. Pilih dari pratinjau.")
    catalogue = the_catalogue()
    order = {row.code: place for place, row in enumerate(catalogue.rows)}
    items.sort(key=lambda item: order[item.subindicator])
    groups = grouped(
        catalogue.children(standard),
        bundles(items, version.spec.groups_for(form)),
        lambda item: _preview_card(item, section, school.npsn, cycle.year),
    )
    return PreviewSection(section, catalogue.by_code[standard], groups)


def _preview_card(item: ItemSpec, section: Section, npsn: str, year: int) -> PreviewCard:
    form = AnswerForm(item=item, initial={"version": 0})
    return PreviewCard(item, section, npsn, year, None, (), ALLOWED, Bundle(None, (item,)), form)


def asked_forms(version: InstrumentVersion, owner: School | Office) -> list[str]:
    """Forms of the owner for which the version asks something."""
    return [form for form in forms_of(owner) if form in version.spec.forms and version.spec.asked(form)]
