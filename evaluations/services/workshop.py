"""Own instruments of schools and offices, written question by question or taken from a file.

Whatever changes a draft names the content on which it rests (``seen``, its SHA-256): two people who write at once
never undo each other's work, the second one is told (DraftConflict). Who sends the same once more, by a second tap or
because the first answer was lost, is no second one. The life of a version: standards.versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, get_args

from django.db import transaction
from django.db.models import Count, Q

from common import clock
from common.errors import DomainError, StateError, require
from common.xlsx import WorkbookError
from common.yamlfile import DataFileError
from common.zones import DEFAULT_ZONE
from evaluations.models import Evaluation
from schools.choices import SchoolStatus
from schools.models import Office, School, User
from standards import exchange, own, versions
from standards.instruments import InstrumentSpec
from standards.items import Form, ItemSpec
from standards.models import InstrumentVersion, LegalBasis
from standards.permissions import can_edit_draft, can_publish
from standards.services import the_catalogue

CHANGED_MEANWHILE = (
    "Orang lain menyimpan draf ini lebih dahulu, jadi perubahan Anda belum tersimpan. Di bawah ini keadaan draf yang "
    "terbaru; lihat dahulu, lalu kirim sekali lagi bila masih perlu."
)
KEPT = ("group", "informants", "weight")  # of a question: what the form does not ask and files may say
FILE_TYPES = (".xlsx", ".yaml", ".yml")
REPLACE, ADD = "ganti", "tambah"


class DraftConflict(StateError):
    """The draft is not any more what the person saw."""

    def __init__(self) -> None:
        super().__init__(CHANGED_MEANWHILE)


class ItemFault(DomainError):
    """A question that breaks rules; ``problems`` by place: "question", "levels.4", "points.0.text"."""

    def __init__(self, problems: Mapping[str, list[str]]) -> None:
        super().__init__("Pertanyaan ini belum tersimpan. Perbaiki bagian yang ditandai, lalu simpan lagi.")
        self.problems = problems


class FileRefused(DomainError):
    """A file that cannot be taken over; every problem as a sentence that names its place."""

    def __init__(self, problems: Iterable[object]) -> None:
        super().__init__("Berkas ini belum dapat diambil. Tidak ada yang berubah.")
        self.problems = [str(problem) for problem in problems]


# --- what an owner may ask ----------------------------------------------------------------------------


def forms_of(owner: School | Office) -> tuple[str, ...]:
    """Forms of education that instruments of *owner* may ask: a school its own, an office those it sees."""
    if isinstance(owner, School):
        return (owner.form,)
    return tuple(form for form in get_args(Form) if not owner.forms or form in owner.forms)


def legal_basis_keys() -> frozenset[str]:
    return frozenset(LegalBasis.objects.values_list("key", flat=True))


def spec_with(spec: InstrumentSpec, **changes: Any) -> InstrumentSpec:
    """*spec* with *changes*; made anew, because a copy would keep what the old one worked out of its questions."""
    return InstrumentSpec(**({name: getattr(spec, name) for name in InstrumentSpec.model_fields} | changes))


# --- header -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Header:
    """What stands around the questions."""

    title: str
    forms: tuple[str, ...]
    source: str
    note: str


def _header_fields(owner: School | Office, header: Header, items: Iterable[ItemSpec] = ()) -> dict[str, Any]:
    """Raises DomainError for forms that are not the owner's, or that a question still needs."""
    allowed = forms_of(owner)
    forms = tuple(form for form in allowed if form in header.forms)
    if set(header.forms) - set(allowed) or not forms:
        shown = ", ".join(allowed)
        raise DomainError("Keterangan belum tersimpan.", fields={"forms": f"Pilih sedikitnya satu dari: {shown}."})
    if left := sorted(item.code for item in items if item.forms and not set(item.forms) <= set(forms)):
        message = f"Pertanyaan {', '.join(left)} masih ditujukan kepada bentuk yang Anda hapus. Ubah itu dahulu."
        raise DomainError("Keterangan belum tersimpan.", fields={"forms": message})
    texts = own.tidy({"title": header.title, "source": header.source, "note": header.note})
    if empty := [name for name in ("title", "source") if not texts[name]]:  # signs that nobody sees
        raise DomainError("Keterangan belum tersimpan.", fields=dict.fromkeys(empty, "Wajib diisi."))
    return {"forms": forms, **texts}


def start_instrument(
    owner: School | Office, header: Header, *, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """A new instrument of *owner* as a draft without questions. Raises PermissionDenied, DomainError."""
    zone = owner.time_zone if isinstance(owner, School) else DEFAULT_ZONE
    key = versions.new_key(owner)
    spec = InstrumentSpec(
        instrument=key,
        version=versions.next_version(key, clock.local_date(clock.now(at), zone).year),
        origin="own",
        labels=own.LABELS,
        scoring=own.SCORING,
        items=(),
        **_header_fields(owner, header),
    )
    return versions.create_draft(spec, owner=owner, actor=actor, at=at)


def _draft(version_id: int, actor: User) -> InstrumentVersion:
    """Raises PermissionDenied, StateError; versions.save_draft asks again under its lock."""
    version = versions.existing(version_id)
    require(can_edit_draft(actor, version))
    return version


def _require_seen(version: InstrumentVersion, seen: str) -> None:
    """Raises DraftConflict."""
    if version.content_id != seen:
        raise DraftConflict


def _save(
    version: InstrumentVersion, spec: InstrumentSpec, *, seen: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """The same content again changes nothing. Raises DraftConflict."""
    if version.content_id == spec.sha256():
        return version
    _require_seen(version, seen)
    return versions.save_draft(version.pk, spec, seen_sha256=version.content_id, actor=actor, at=at)


def save_header(
    version_id: int, header: Header, *, seen: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Raises PermissionDenied, StateError, DraftConflict; DomainError with the field."""
    version = _draft(version_id, actor)
    fields = _header_fields(_owner(version), header, version.spec.items)
    return _save(version, spec_with(version.spec, **fields), seen=seen, actor=actor, at=at)


def _owner(version: InstrumentVersion) -> School | Office:
    if version.owner is None:
        raise ValueError(f"{version} is national")
    return version.owner


def new_version(version_id: int, *, actor: User, at: datetime | None = None) -> InstrumentVersion:
    """A draft with the next number and the same content. Raises PermissionDenied; StateError for a second draft."""
    version = versions.existing(version_id)
    owner = _owner(version)
    year = max(clock.now(at).year, version.position // 1000)
    changes: dict[str, Any] = {"version": versions.next_version(version.instrument, year)}
    if isinstance(owner, School):
        changes["forms"] = forms_of(owner)  # a school may have become another form since
    return versions.create_draft(spec_with(version.spec, **changes), owner=owner, actor=actor, at=at)


# --- questions ----------------------------------------------------------------------------------------


def next_code(instrument: str, part: str) -> str:
    """A code below *part* that no version of the instrument ever gave: old answers are found by their codes."""
    prefix = f"{part}.s"
    rows = InstrumentVersion.objects.filter(instrument=instrument)
    codes = (item.code for row in rows for item in row.spec.items)
    used = [int(code.removeprefix(prefix)) for code in codes if code.startswith(prefix)]
    number = max(used, default=0) + 1
    if number > 999:
        raise DomainError(f"Di bawah {part} sudah ada 999 pertanyaan.")
    return f"{prefix}{number}"


def _checked(data: Mapping[str, Any], version: InstrumentVersion) -> ItemSpec:
    """Raises ItemFault with every problem."""
    problems = own.item_problems(data, the_catalogue(), legal_basis_keys())
    if set(data.get("forms") or ()) - set(version.spec.forms):
        problems = {**problems, "forms": ["Pilih dari bentuk pendidikan instrumen ini."]}
    if problems:
        raise ItemFault(problems)
    return ItemSpec.model_validate(own.tidy(data))


def add_item(
    version_id: int, part: str, data: Mapping[str, Any], *, seen: str, actor: User, at: datetime | None = None
) -> tuple[InstrumentVersion, str]:
    """A further question below *part*, as the last one there; returns its code, too.

    Raises PermissionDenied, StateError, DraftConflict, ItemFault; DomainError for an unknown part or a full instrument.
    """
    version = _draft(version_id, actor)
    row = the_catalogue().by_code.get(part)
    if row is None or row.level == "standard":
        raise DomainError("Pilih indikator atau subindikator dari daftar.")
    items = version.spec.items
    if version.content_id != seen:
        return version, _added_before(version, part, data)
    if len(items) >= own.MAX_ITEMS:
        raise DomainError(f"Satu instrumen memuat paling banyak {own.MAX_ITEMS} pertanyaan. Mulailah instrumen baru.")
    item = _checked({**data, "code": next_code(version.instrument, part)}, version)
    return _save(version, spec_with(version.spec, items=(*items, item)), seen=seen, actor=actor, at=at), item.code


def _added_before(version: InstrumentVersion, part: str, data: Mapping[str, Any]) -> str:
    """The code of the question below *part* that says just this. Raises DraftConflict when there is none."""
    for item in version.spec.items:
        if item.subindicator == part and _says(item, {**data, "code": item.code}, version):
            return item.code
    raise DraftConflict


def _says(item: ItemSpec, data: Mapping[str, Any], version: InstrumentVersion) -> bool:
    try:
        return _checked(data, version) == item
    except ItemFault:
        return False


def change_item(
    version_id: int, code: str, data: Mapping[str, Any], *, seen: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Another content for a question; code and kind stay. Raises like add_item; DomainError for an unknown code."""
    version = _draft(version_id, actor)
    place = _place(version.spec, code)
    old = version.spec.items[place]
    kept = {name: value for name, value in old.model_dump(mode="json", exclude_defaults=True).items() if name in KEPT}
    item = _checked({**kept, **data, "code": code, "kind": old.kind}, version)
    items = list(version.spec.items)
    items[place] = item
    return _save(version, spec_with(version.spec, items=tuple(items)), seen=seen, actor=actor, at=at)


def _place(spec: InstrumentSpec, code: str) -> int:
    for place, item in enumerate(spec.items):
        if item.code == code:
            return place
    raise DomainError(f"Pertanyaan {code[:12]} tidak ada lagi dalam draf ini.")


def move_item(
    version_id: int, code: str, *, up: bool, seen: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Before or after its neighbour below the same part; at the end of the row nothing changes."""
    version = _draft(version_id, actor)
    _require_seen(version, seen)
    items = list(version.spec.items)
    place = _place(version.spec, code)
    steps = range(place - 1, -1, -1) if up else range(place + 1, len(items))
    other = next((step for step in steps if items[step].subindicator == items[place].subindicator), None)
    if other is None:
        return version
    items[place], items[other] = items[other], items[place]
    return _save(version, spec_with(version.spec, items=tuple(items)), seen=seen, actor=actor, at=at)


def delete_item(version_id: int, code: str, *, seen: str, actor: User, at: datetime | None = None) -> InstrumentVersion:
    version = _draft(version_id, actor)
    _require_seen(version, seen)
    place = _place(version.spec, code)
    items = (*version.spec.items[:place], *version.spec.items[place + 1 :])
    return _save(version, spec_with(version.spec, items=items), seen=seen, actor=actor, at=at)


# --- from a file --------------------------------------------------------------------------------------


def read_file(name: str, content: bytes) -> InstrumentSpec:
    """The instrument of an uploaded YAML file or workbook. Raises FileRefused with every problem."""
    kind = PurePath(name).suffix.lower()
    if kind not in FILE_TYPES:
        raise FileRefused(
            [f"“{name[-60:]}” bukan berkas YAML atau XLSX. Simpan sebagai .xlsx atau .yaml, lalu unggah."]
        )
    try:
        if kind == ".xlsx":
            return exchange.from_xlsx(content, the_catalogue(), legal_basis_keys())
        return exchange.from_yaml(content, the_catalogue(), legal_basis_keys(), name=PurePath(name).name[-60:])
    except (DataFileError, WorkbookError) as error:
        raise FileRefused(error.problems) from None


def merged(version: InstrumentVersion, incoming: InstrumentSpec, mode: str) -> InstrumentSpec:
    """What the draft becomes with *incoming*: REPLACE takes header and questions, ADD the questions alone.

    Key and number stay those of the draft. Raises FileRefused with every problem.
    """
    owner, spec = _owner(version), version.spec
    allowed = forms_of(owner)
    problems: list[str] = []
    forms: tuple[str, ...] = spec.forms
    header: dict[str, Any] = {}
    if mode == ADD:
        have = {item.code for item in spec.items}
        problems += [
            f"{item.code}: sudah ada dalam draf ini; beri nomor lain dalam berkas, atau pilih “ganti seluruh isi”"
            for item in incoming.items
            if item.code in have
        ]
        if (count := len(spec.items) + len(incoming.items)) > own.MAX_ITEMS:
            problems.append(f"menjadi {count} pertanyaan; paling banyak {own.MAX_ITEMS}")
        items = (*spec.items, *incoming.items)
    else:
        # A school's instrument is always for its own form, whatever the template said.
        forms = allowed if isinstance(owner, School) else incoming.forms
        if outside := [form for form in forms if form not in allowed]:
            problems.append(
                f"bentuk pendidikan {', '.join(outside)} di luar wilayah kerja; yang ada: {', '.join(allowed)}"
            )
        header = {name: getattr(incoming, name) for name in ("title", "source", "note", "labels")}
        items = incoming.items
    for item in incoming.items:
        if outside := [form for form in item.forms or () if form not in forms]:
            problems.append(f"{item.code}: bentuk {', '.join(outside)} tidak termasuk instrumen ini")
    if problems:
        raise FileRefused(problems)
    return spec_with(spec, forms=forms, items=items, **header)


def take_over(
    version_id: int, incoming: InstrumentSpec, mode: str, *, seen: str, actor: User, at: datetime | None = None
) -> InstrumentVersion:
    """Store what :func:`merged` makes. Raises PermissionDenied, StateError, DraftConflict, FileRefused."""
    version = _draft(version_id, actor)
    return _save(version, merged(version, incoming, mode), seen=seen, actor=actor, at=at)


# --- publishing ---------------------------------------------------------------------------------------


def publishing_problems(version: InstrumentVersion) -> list[str]:
    """What has to be mended before publication; whatever may have changed around a draft is asked again."""
    spec = version.spec
    if not spec.items:
        return ["Draf ini belum memuat pertanyaan. Tambahkan sedikitnya satu."]
    problems = []
    try:
        exchange.from_yaml(exchange.to_yaml(spec).encode(), the_catalogue(), legal_basis_keys())
    except DataFileError as error:
        problems += [exchange.in_words(f"{_named(spec, one.field)}: {one.message}") for one in error.problems]
    if not any(spec.asked(form) for form in forms_of(_owner(version))):
        problems.append("Tidak ada pertanyaan bagi bentuk pendidikan pemiliknya. Periksa bentuk pada keterangan.")
    return problems


def _named(spec: InstrumentSpec, field: str) -> str:
    """ "items.2.levels.4" by the code of the question: "7.2.s1 levels.4"."""
    head, _, rest = field.partition(".")
    number, _, inside = rest.partition(".")
    return f"{spec.items[int(number)].code} {inside}".strip() if head == "items" and number.isdigit() else field


@transaction.atomic
def publish(version_id: int, *, seen: str, actor: User, at: datetime | None = None) -> InstrumentVersion:
    """Publish exactly what the person saw. Raises PermissionDenied, StateError, DraftConflict; DomainError."""
    version = versions.existing(version_id, lock=True)
    require(can_publish(actor, version))
    if version.content_id != seen:
        raise DraftConflict
    if problems := publishing_problems(version):
        raise DomainError(problems[0])
    return versions.publish_draft(version_id, actor=actor, at=at)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many schools of one form will find the instrument, and what it asks them."""

    form: str
    schools: int
    questions: int


def reach(version: InstrumentVersion) -> list[Reach]:
    """Open schools for which the version has questions, by form; at most one query and the regions."""
    owner, spec = _owner(version), version.spec
    questions = {form: len(spec.asked(form)) for form in spec.forms if spec.asked(form)}
    if isinstance(owner, School):
        return [Reach(form, 1, count) for form, count in questions.items() if form == owner.form]
    rows = School.objects.filter(owner.jurisdiction(), status=SchoolStatus.ACTIVE, form__in=questions)
    counts = dict(rows.order_by("form").values_list("form").annotate(Count("pk")))
    return [Reach(form, counts.get(form, 0), count) for form, count in questions.items()]


@dataclass(frozen=True, slots=True)
class Running:
    """Evaluations on one version of the instrument."""

    version: str
    open: int
    approved: int


def running(instrument: str) -> list[Running]:
    """Who works, or worked, with which version; one query."""
    rows = Evaluation.objects.filter(version__instrument=instrument).order_by("version__position")
    counted = rows.values_list("version__version").annotate(
        open=Count("pk", filter=Q(approved_at=None)), approved=Count("pk", filter=Q(approved_at__isnull=False))
    )
    return [Running(*row) for row in counted]
