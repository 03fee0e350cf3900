"""What the pages for Sispena show: butir with their texts, compulsory documents, and proof against its window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from accreditation.catalogue import Component, DocumentSpec, Group, Window, windows_of
from accreditation.models import CompulsoryUpload, PerformanceText
from accreditation.performance import Known, Proof, counts, draft, mark_of, secrets_in, without_secrets
from accreditation.performance_docx import Front, Part
from accreditation.place import Place
from accreditation.services.sispena import Knowledge, Served, gather_known, texts_of, uploads_of
from accreditation.windows import NAMES, Dated, Standing, since, sort_out
from common import clock
from common.decisions import Decision
from common.formats import format_date, format_moment
from evaluations.models import Evidence
from schools.models import AuditEvent

SHELF_LIMIT = 300
HISTORY_LIMIT = 5
_TONES = {
    Standing.TOO_OLD: "attention",
    Standing.EXPIRED: "attention",
    Standing.UNDATED: "attention",
    Standing.AHEAD: "attention",
    Standing.CURRENT: "good",
}


@dataclass(frozen=True)
class ButirView:
    """One butir with its saved text, and what the school's notes say about it now."""

    group: Group
    known: tuple[Known, ...]
    saved: PerformanceText | None
    url: str
    docx_url: str
    knowledge: Knowledge

    @cached_property
    def mark(self) -> str:
        return mark_of(self.known)

    @cached_property
    def draft(self) -> str:
        return draft(self.known, self.knowledge.words)

    @property
    def changed(self) -> bool:
        """Whether answers or proof are not those that the saved text was made from."""
        return self.saved is not None and self.saved.basis != self.mark

    @property
    def state(self) -> tuple[str, str]:
        """Tone and label."""
        if self.saved is None:
            return "neutral", "Belum ada naskah"
        return ("attention", "Catatan berubah") if self.changed else ("good", "Naskah tersimpan")

    @property
    def told(self) -> int:
        """Of how many indikator the school said something."""
        return sum(not one.silent for one in self.known)

    @property
    def hidden(self) -> int:
        """How many pieces of confidential proof the draft leaves out."""
        return len({proof.code for one in self.known for proof in one.proofs if proof.confidential})

    @property
    def secrets(self) -> tuple[str, ...]:
        """Titles of proof that became confidential after the saved text named it."""
        return secrets_in(self.text, self.known, self.knowledge.confidential)

    @property
    def text(self) -> str:
        """What stands now: the saved text, else the draft."""
        return self.saved.text if self.saved else self.draft


@dataclass(frozen=True)
class ComponentView:
    component: Component
    rows: list[ButirView]

    @property
    def saved_count(self) -> int:
        return sum(one.saved is not None for one in self.rows)


@dataclass(frozen=True)
class DocumentView:
    spec: DocumentSpec
    uploads: tuple[UploadView, ...]
    link_url: str
    unlink_url: str


@dataclass(frozen=True)
class UploadView:
    served: Served
    url: str

    @property
    def upload(self) -> CompulsoryUpload:
        return self.served.upload

    @property
    def evidence(self) -> Evidence:
        return self.upload.evidence

    @property
    def accepted(self) -> tuple[str, str]:
        """Tone and label: whether a review accepted the file anywhere."""
        accepted, newest = self.served.accepted, self.served.number
        if accepted is None:
            return "neutral", "Belum pernah diterima telaah"
        if accepted < newest:
            return "attention", f"Revisi {accepted} diterima, revisi {newest} belum"
        return "good", "Diterima dalam telaah"


@dataclass(frozen=True)
class StandingView:
    name: str
    tone: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True)
class WindowView:
    """One indikator that looks back, and its proof by standing."""

    code: str
    name: str
    window: Window
    since: date
    standings: tuple[StandingView, ...]

    @property
    def count(self) -> int:
        return sum(len(one.proofs) for one in self.standings)

    @property
    def doubtful(self) -> int:
        """How many pieces are not plainly within the window."""
        return self.count - sum(len(one.proofs) for one in self.standings if one.name == NAMES[Standing.CURRENT])

    @property
    def state(self) -> tuple[str, str]:
        if not self.count:
            return "neutral", "Belum ada bukti"
        return (
            ("attention", f"{self.doubtful} dari {self.count} perlu dilihat")
            if self.doubtful
            else ("good", "Semua masih berlaku")
        )


class SispenaPage:
    """Everything of one school, year and scheme that goes to Sispena. Six queries for all parts together."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def writable(self) -> Decision:
        return self.place.sispena_writable

    @cached_property
    def today(self) -> date:
        return clock.today(self.place.school.time_zone)

    @cached_property
    def knowledge(self) -> Knowledge:
        return gather_known(self.place.evaluation, self.place.scheme)

    @cached_property
    def texts(self) -> dict[str, PerformanceText]:
        return texts_of(self.place.cycle, self.place.scheme)

    # descriptions
    def butir(self, group: Group) -> ButirView:
        return ButirView(
            group,
            self.knowledge.of_group(self.place.layout, group.code),
            self.texts.get(group.code),
            self.place.url("sispena_text", group.code),
            self.place.url("sispena_text_docx", group.code),
            self.knowledge,
        )

    @cached_property
    def components(self) -> list[ComponentView]:
        groups = self.place.layout.groups
        return [
            ComponentView(component, [self.butir(group) for group in groups if group.component == component.code])
            for component in self.place.layout.components
        ]

    @property
    def all_butir(self) -> list[ButirView]:
        return [one for part in self.components for one in part.rows]

    @property
    def saved_count(self) -> int:
        return sum(part.saved_count for part in self.components)

    # documents
    @cached_property
    def documents(self) -> list[DocumentView]:
        if self.place.scheme.spec.documents is None:
            return []
        found: dict[str, list[UploadView]] = {}
        year = (self.place.school.npsn, self.place.cycle.year)
        for one in uploads_of(self.place.cycle, self.place.scheme):
            url = reverse("evaluations:evidence_file", args=[*year, one.code])
            found.setdefault(one.upload.document, []).append(UploadView(one, url))
        return [
            DocumentView(
                spec,
                tuple(found.get(spec.code, ())),
                self.place.url("sispena_document", spec.code),
                self.place.url("sispena_document_unlink", spec.code),
            )
            for spec in self.place.scheme.spec.documents.items
        ]

    @property
    def missing(self) -> list[DocumentSpec]:
        return [one.spec for one in self.documents if not one.uploads]

    @cached_property
    def shelf(self) -> list[Evidence]:
        """Evidence of any year to choose from, the newest first."""
        return list(self.place.school.evidence.order_by("-created_at", "-pk")[:SHELF_LIMIT]) if self.writable else []

    # windows
    @cached_property
    def windows(self) -> list[WindowView]:
        layout, windows = self.place.layout, windows_of(self.place.scheme.spec, self.place.form)
        return [
            self._window(self.knowledge.by_item[code], window)
            for code, window in windows.items()
            if code in layout.items
        ]

    def _window(self, known: Known, window: Window) -> WindowView:
        proofs = {proof.code: proof for proof in known.proofs}
        dated = [Dated(proof.code, proof.dated, proof.valid_until) for proof in known.proofs]
        standings = tuple(
            StandingView(NAMES[one], _TONES[one], tuple(proofs[code] for code in codes))
            for one, codes in sort_out(dated, years=window.years, on=self.today).items()
        )
        return WindowView(known.code, known.name, window, since(self.today, window.years), standings)

    # the file
    def front(self) -> Front:
        place, spec = self.place, self.place.scheme.spec
        facts = (
            ("NPSN", place.school.npsn),
            ("Tahun pelajaran", str(place.cycle.academic_year)),
            ("Skema", f"{spec.title} ({spec.scheme} versi {spec.version})"),
            ("Diunduh", format_date(self.today)),
        )
        notice = (
            f"Draf milik {place.school.words.school}, disusun dari catatan sendiri dan belum diserahkan. Ini bukan "
            f"naskah resmi dan bukan keputusan akreditasi; {place.bodies[0].name} yang memutuskan."
        )
        return Front("Deskripsi Kinerja Asesi", place.school.name, facts, notice)

    def part(self, butir: ButirView) -> Part:
        component = self.place.layout.by_code[butir.group.component]
        state = "Usulan dari catatan, belum disunting dan belum disimpan."
        if butir.saved:
            saved = format_moment(butir.saved.updated_at, self.place.school.time_zone)
            state = f"Disimpan oleh {butir.saved.updated_by} pada {saved}."
            state += " Jawaban atau bukti berubah sesudah itu." if butir.changed else ""
        labels = self.place.scheme.spec.labels
        return Part(
            f"{labels.component.capitalize()} {component.code}. {component.name}",
            f"{labels.group.capitalize()} {butir.group.code}. {butir.group.name}",
            state,
            without_secrets(butir.text, butir.secrets),
            frozenset(one.title for one in butir.known),
        )


@dataclass(frozen=True)
class TextPage:
    """The page of one butir: the field with ``text``, and beside it ``beside`` with its heading when both matter."""

    page: SispenaPage
    butir: ButirView
    text: str
    version: int
    beside: str = ""
    beside_title: str = ""
    recompose: bool = False
    error: str = ""

    @property
    def seen(self) -> str:
        return self.butir.mark

    @property
    def words(self) -> int:
        return counts(self.text)[0]

    @property
    def signs(self) -> int:
        return counts(self.text)[1]

    @property
    def draft_key(self) -> str:
        """Under which the browser keeps an unsent edit."""
        place = self.page.place
        return f"{place.school.npsn}:{place.cycle.year}:sispena/{place.scheme.key}/{self.butir.group.code}"

    @property
    def history(self) -> list[AuditEvent]:
        """The last savings, the newest first, each with the text before it; one query."""
        saved = self.butir.saved
        events: Any = AuditEvent.objects
        return list(events.about(saved).select_related("actor").order_by("-at", "-pk")[:HISTORY_LIMIT]) if saved else []
