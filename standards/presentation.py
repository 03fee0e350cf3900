"""What the pages of the catalogue show, gathered with a fixed number of queries. No rules: those are asked for.

Nothing here knows instruments of schools or offices: the catalogue is public.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.urls import reverse

from common.formats import format_date
from schools.addresses import NotFound
from standards import naming
from standards.catalogue import Catalogue, CatalogueRow
from standards.instruments import InstrumentSpec, Scope
from standards.items import ItemSpec
from standards.models import InstrumentVersion, LegalBasis, RowStatus, spec_by_hash
from standards.search import Entry, Index
from standards.services import the_catalogue
from standards.wording import read_as


def newest_versions() -> list[InstrumentVersion]:
    """The newest published version of every national instrument; one query."""
    rows = InstrumentVersion.objects.national().published().order_by("instrument", "position")
    return list({row.instrument: row for row in rows}.values())


def version_or_404(instrument: str, version: str) -> InstrumentVersion:
    """A national version that is or was published. Raises NotFound."""
    row = InstrumentVersion.objects.public().filter(instrument=instrument, version=version).first()
    if row is None:
        raise NotFound("Versi instrumen ini tidak ada dalam katalog. Lihat daftar instrumen pada halaman Katalog.")
    return row


def form_or_404(spec: InstrumentSpec, form: str) -> str:
    """*form*, or the first one of the instrument when none was chosen. Raises NotFound for another one."""
    if not form:
        return spec.forms[0]
    if form not in spec.forms:
        raise NotFound(f"Instrumen ini tidak dipakai untuk bentuk “{form[:10]}”. Pilihannya: {', '.join(spec.forms)}.")
    return form


def parts_of(spec: InstrumentSpec, form: str) -> Catalogue:
    """The instrument's own parts, or the SNP."""
    return spec.catalogue(form) or the_catalogue()


def forms_text(forms: Sequence[str], every: Sequence[str]) -> str:
    return "semua bentuk" if set(every) <= set(forms) else ", ".join(forms)


# --- the SNP ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A question as lists show it."""

    spec: InstrumentSpec
    item: ItemSpec

    @property
    def title(self) -> str:
        return self.item.question or naming.TITLE_UNKNOWN

    @property
    def asked_at(self) -> tuple[str, ...]:
        return self.item.forms or self.spec.forms

    @property
    def forms(self) -> str:
        return forms_text(self.asked_at, self.spec.forms)

    @property
    def kind(self) -> str:
        return naming.KINDS[self.item.kind]

    @property
    def url(self) -> str:
        return item_url(self.spec, self.item.code, self.asked_at[0])


def part_url(spec: InstrumentSpec, code: str, form: str) -> str:
    """The page of the instrument, opened at one of its parts."""
    address = reverse("standards:instrument", args=[spec.instrument, spec.version])
    return f"{address}?bentuk={form}&bagian={code.partition('.')[0]}#bagian-{code}"


def item_url(spec: InstrumentSpec, code: str, form: str) -> str:
    return f"{reverse('standards:item', args=[spec.instrument, spec.version, code])}?bentuk={form}"


@dataclass(frozen=True)
class SnpPart:
    """An indicator or subindicator of the SNP with what is below it."""

    row: CatalogueRow
    parts: tuple[SnpPart, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class StandardCard:
    row: CatalogueRow
    indicators: int
    subindicators: int
    unsure: int


def standard_cards() -> list[StandardCard]:
    catalogue = the_catalogue()
    cards = []
    for row in catalogue.standards:
        below = catalogue.part(row.code).rows
        levels = [one.level for one in below]
        unsure = sum(one.status != "confirmed" for one in below)
        cards.append(StandardCard(row, levels.count("indicator"), levels.count("subindicator"), unsure))
    return cards


def on_snp(versions: Iterable[InstrumentVersion]) -> list[InstrumentSpec]:
    """Instruments that ask about the SNP itself, not about parts of their own."""
    return [version.spec for version in versions if not version.spec.tree]


def snp_parts(code: str, specs: Iterable[InstrumentSpec]) -> tuple[SnpPart, ...]:
    """The indicators of standard *code* with their subindicators and who asks about them."""
    asked: dict[str, list[Question]] = {}
    for spec in specs:
        for item in spec.items:
            asked.setdefault(item.subindicator, []).append(Question(spec, item))

    def part(row: CatalogueRow) -> SnpPart:
        below = tuple(part(child) for child in the_catalogue().children(row.code))
        return SnpPart(row, below, tuple(asked.get(row.code, ())))

    return part(the_catalogue().by_code[code]).parts


# --- an instrument ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InstrumentPart:
    """A part of an instrument at one form of education, with the parts or the questions below it."""

    row: CatalogueRow
    parts: tuple[InstrumentPart, ...]
    questions: tuple[Question, ...]

    @property
    def count(self) -> int:
        return len(self.questions) + sum(part.count for part in self.parts)


@dataclass(frozen=True)
class FormCount:
    """A row of the table of counts: forms with the same numbers of questions per scope."""

    forms: tuple[str, ...]
    counts: tuple[int, ...]
    closed: int  # of the whole version: questions that nobody can answer, their title is not public


@dataclass(frozen=True)
class InstrumentPage:
    """One version at one form of education."""

    version: InstrumentVersion
    form: str

    @property
    def spec(self) -> InstrumentSpec:
        return self.version.spec

    @property
    def origin(self) -> str:
        return naming.ORIGINS[self.spec.origin]

    @cached_property
    def parts(self) -> tuple[InstrumentPart, ...]:
        """Of an instrument on the SNP the standards that it measures; of another one all parts, also empty ones."""
        catalogue = parts_of(self.spec, self.form)
        asked: dict[str, list[Question]] = {}
        for item in self.spec.items_for(self.form):
            asked.setdefault(item.subindicator, []).append(Question(self.spec, item))

        def part(row: CatalogueRow) -> InstrumentPart:
            below = tuple(part(child) for child in catalogue.children(row.code))
            return InstrumentPart(row, below, tuple(asked.get(row.code, ())))

        parts = (part(row) for row in catalogue.standards)
        return tuple(one for one in parts if self.spec.tree or one.count)

    @property
    def scopes(self) -> list[tuple[Scope, str]]:
        """The scopes with what they are about, in the words of the form."""
        return [(scope, read_as(scope.about, self.form)) for scope in self.spec.scopes]

    @property
    def scope_names(self) -> list[str]:
        return [scope.name for scope in self.spec.scopes] or ["Semua"]

    @property
    def counts(self) -> list[FormCount]:
        keys = [scope.key for scope in self.spec.scopes] or [""]
        rows: dict[tuple[tuple[int, ...], int], list[str]] = {}
        for form in self.spec.forms:
            closed = sum(not item.answerable for item in self.spec.items_for(form))
            rows.setdefault((tuple(len(self.spec.asked(form, key)) for key in keys), closed), []).append(form)
        return [FormCount(tuple(forms), *numbers) for numbers, forms in rows.items()]

    @property
    def has_closed(self) -> bool:
        return any(not item.answerable for item in self.spec.items)

    def others(self) -> list[InstrumentVersion]:
        """The other public versions of this instrument, the newest first; one query."""
        rows = InstrumentVersion.objects.public().filter(instrument=self.version.instrument)
        return list(rows.exclude(pk=self.version.pk).order_by("-position"))


@dataclass(frozen=True)
class ItemPage:
    """One question as schools of one form read it."""

    version: InstrumentVersion
    form: str
    code: str

    @property
    def spec(self) -> InstrumentSpec:
        return self.version.spec

    @cached_property
    def item(self) -> ItemSpec:
        return self.spec.asked(self.form)[self.code]

    @property
    def title(self) -> str:
        return self.item.question or naming.TITLE_UNKNOWN

    @property
    def path(self) -> list[tuple[str, CatalogueRow]]:
        """The parts above the question with what the instrument calls them, from the first level down."""
        catalogue = parts_of(self.spec, self.form)
        row: CatalogueRow | None = catalogue.by_code[self.item.subindicator]
        found = []
        while row is not None:
            found.append((getattr(self.spec.labels, row.level), row))
            row = catalogue.by_code.get(row.parent)
        return found[::-1]

    @property
    def facts(self) -> list[tuple[str, str]]:
        item = self.item
        facts = [
            ("Jenis", naming.KINDS[item.kind]),
            ("Dimensi", naming.DIMENSIONS[item.dimension] if item.dimension else ""),
            ("Kurun waktu", item.window),
            ("Dijawab oleh", naming.answerers(item)),
            ("Cara mengumpulkan", naming.gathered(item)),
            ("Narasumber", ", ".join(item.informants)),
            ("Bobot", "" if item.weight == 1 else str(item.weight)),
            ("Asal teks", naming.ORIGINS[item.status] if item.status else naming.ORIGINS[self.spec.origin]),
        ]
        return [(name, text) for name, text in facts if text]

    @property
    def levels(self) -> list[tuple[str, str]]:
        """Levels from the best down, with their names."""
        return [(naming.level_name(self.item, level), text) for level, text in sorted(self.item.levels.items())[::-1]]

    @property
    def bands(self) -> list[tuple[str, str]]:
        """From which share on an answer reads as which level."""
        bands = sorted((self.item.bands or {}).items(), reverse=True)
        return [(f"Level {level}", str(bound)) for level, bound in bands]

    @property
    def scopes(self) -> list[tuple[Scope, str]]:
        """Scopes that ask this question, each with why it was chosen ("" where everything is asked)."""
        found = []
        for scope in self.spec.scopes:
            why = {one.code: read_as(one.why, self.form) for one in scope.items or ()}
            if scope.codes is None or self.code in scope.codes:
                found.append((scope, why.get(self.code, "")))
        return found

    @property
    def other_forms(self) -> list[tuple[str, str]]:
        """Forms that are asked under this code, each with its address; the words may differ."""
        forms = [form for form in self.spec.forms if self.code in self.spec.asked(form)]
        return [(form, item_url(self.spec, self.code, form)) for form in forms]

    def neighbours(self) -> tuple[Question | None, Question | None]:
        items = self.spec.items_for(self.form)
        at = items.index(self.item)
        before = Question(self.spec, items[at - 1]) if at else None
        return before, Question(self.spec, items[at + 1]) if at + 1 < len(items) else None

    def address_of(self, question: Question | None) -> str:
        return item_url(self.spec, question.item.code, self.form) if question else ""

    def bases(self, day: date) -> list[Basis]:
        """What the question rests on; one query, none when it names nothing."""
        return bases(day, self.item.basis) if self.item.basis else []

    @property
    def snp(self) -> list[CatalogueRow]:
        """Of an instrument with parts of its own: the national standards that the question belongs to."""
        return [the_catalogue().by_code[code] for code in self.item.snp]


def item_page_or_404(version: InstrumentVersion, form: str, code: str) -> ItemPage:
    """The question *code* at *form*, or at the first form that is asked when none was chosen. Raises NotFound."""
    spec = version.spec
    at = [one for one in spec.forms if code in spec.asked(one)]
    if not at:
        raise NotFound(f"Instrumen ini tidak memuat {spec.labels.item} “{code[:12]}”.")
    form = form_or_404(spec, form) if form else at[0]
    if form not in at:
        raise NotFound(f"Di {form}, {code} tidak ditanyakan. Bentuk yang ditanyai: {', '.join(at)}.")
    return ItemPage(version, form, code)


# --- legal bases --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Basis:
    """A regulation with its validity on a day."""

    row: LegalBasis
    day: date
    replaced_by: str = ""

    @property
    def in_force(self) -> bool:
        row = self.row
        begun = row.valid_from is None or row.valid_from <= self.day
        return begun and (row.valid_to is None or row.valid_to >= self.day) and not self.replaced_by

    @property
    def validity(self) -> str:
        row = self.row
        if self.replaced_by:
            return f"Sudah digantikan oleh {self.replaced_by}"
        if row.valid_to is not None and row.valid_to < self.day:
            return f"Tidak berlaku lagi; berlaku sampai {format_date(row.valid_to)}"
        if row.valid_from is not None and row.valid_from > self.day:
            return f"Belum berlaku; mulai {format_date(row.valid_from)}"
        until = f" sampai {format_date(row.valid_to)}" if row.valid_to else ""
        if row.valid_from is None:
            return f"Berlaku{until}; tanggal mulainya tidak tercatat dalam sumber kami"
        return f"Berlaku sejak {format_date(row.valid_from)}{until}"


def bases(day: date, only: Sequence[str] | None = None) -> list[Basis]:
    """All regulations, or those with a key in *only*: general ones, then by standard; one query."""
    rows = list(LegalBasis.objects.select_related("standard"))
    rows.sort(key=lambda row: (row.standard.position if row.standard else 0, row.key))  # NULL differs by database
    replaced = {
        old: row.title for row in rows for old in row.replaces if row.valid_from is None or row.valid_from <= day
    }
    return [Basis(row, day, replaced.get(row.title, "")) for row in rows if only is None or row.key in only]


# --- what is not sure ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unsure:
    """Something whose wording or standing was not verified, and why."""

    code: str
    name: str
    state: str
    note: str
    source: str
    url: str


def unsure_names() -> list[Unsure]:
    return [
        Unsure(row.code, row.name, RowStatus(row.status).label, row.note, row.source, snp_url(row.code))
        for row in the_catalogue().rows
        if row.status != "confirmed"
    ]


def snp_url(code: str) -> str:
    """The page of the standard, at the place of the part."""
    standard = code.partition(".")[0]
    address = reverse("standards:snp", args=[standard])
    return address if code == standard else f"{address}#snp-{code}"


def unsure_parts(spec: InstrumentSpec) -> list[Unsure]:
    """Names in a tree of its own, and questions whose words are not sure or not known."""
    found = []
    for row in spec.tree:
        if row.status != "confirmed":
            url = part_url(spec, row.code, (row.forms or spec.forms)[0])
            found.append(Unsure(row.code, row.name, RowStatus(row.status).label, row.note, row.source, url))
    for item in spec.items:
        if item.status == "unverified" or not item.answerable:
            question = Question(spec, item)
            state = naming.ORIGINS["unverified"] if item.answerable else naming.TITLE_UNKNOWN.lower()
            found.append(Unsure(item.code, question.title, state, item.note, item.source, question.url))
    return found


def unsure_bases(every: Iterable[Basis]) -> list[Unsure]:
    return [
        Unsure("", one.row.title, one.row.get_status_display(), one.row.note, one.row.source, basis_url(one.row.key))
        for one in every
        if one.row.status != LegalBasis.Status.VERIFIED
    ]


def basis_url(key: str) -> str:
    return f"{reverse('standards:legal_bases')}?tampil=semua#{key}"


# --- search -------------------------------------------------------------------------------------------


def search_index(versions: Iterable[InstrumentVersion], every: Iterable[Basis]) -> Index:
    """Everything that can be found, built once per process for the same contents."""
    hashes = tuple(version.sha256 for version in versions)
    return _index(hashes, tuple(_basis_entry(one.row) for one in every))


@lru_cache(maxsize=2)
def _index(hashes: tuple[str, ...], regulations: tuple[Entry, ...]) -> Index:
    entries = [_row_entry(row) for row in the_catalogue().rows]
    for sha256 in hashes:
        entries += _spec_entries(spec_by_hash(sha256))
    return Index((*entries, *regulations))


_SNP_LEVELS = {"standard": "Standar", "indicator": "Indikator", "subindicator": "Subindikator"}


def _unsure_mark(status: str) -> str:
    return "" if status == "confirmed" else f"nama {RowStatus(status).label}"


def _row_entry(row: CatalogueRow) -> Entry:
    texts = tuple(text for text in (row.name_en, row.note) if text)
    return Entry(
        _SNP_LEVELS[row.level], snp_url(row.code), row.code, row.name, texts=texts, where="SNP",
        unsure=_unsure_mark(row.status),
    )  # fmt: skip


def _spec_entries(spec: InstrumentSpec) -> Iterator[Entry]:
    version = f"{spec.instrument} {spec.version}"
    address = reverse("standards:instrument", args=[spec.instrument, spec.version])
    yield Entry("Instrumen", address, spec.instrument, spec.title, texts=(spec.note, spec.source), where=version)
    for row in spec.tree:
        forms = row.forms or spec.forms
        yield Entry(
            getattr(spec.labels, row.level).capitalize(), part_url(spec, row.code, forms[0]), row.code, row.name,
            texts=(row.note,), where=f"{version}, {forms_text(forms, spec.forms)}",
            unsure=_unsure_mark(row.status),
        )  # fmt: skip
    for item in spec.items:
        question = Question(spec, item)
        texts = [*item.levels.values(), *(point.text for point in item.points or ()), *item.evidence, item.help]
        if item.ratio:
            texts += [item.ratio.count, item.ratio.of, item.ratio.where]
        yield Entry(
            "Pertanyaan", question.url, item.code, "", question.title, tuple(text for text in texts if text),
            f"{version}, {question.forms}", naming.ORIGINS["unverified"] if item.status == "unverified" else "",
        )  # fmt: skip


def _basis_entry(row: LegalBasis) -> Entry:
    mark = "" if row.status == LegalBasis.Status.VERIFIED else row.get_status_display()
    texts = (row.note, *row.replaces)
    return Entry("Dasar hukum", basis_url(row.key), "", row.title, row.subject, texts=texts, unsure=mark)
