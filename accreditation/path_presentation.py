"""The shortest way to a target as a school reads it: raises by component, and where each one begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing

from accreditation.explaining import item_name
from accreditation.place import Place, Tab
from accreditation.scenario_presentation import Row, figure_rows
from accreditation.scheme_output import plain_copy
from accreditation.scoring import Answers
from accreditation.shortest import Path, Raise, Target
from accreditation.target_form import target_data, target_words
from common.errors import DomainError, StateError
from evaluations.grouping import anchor_of
from evaluations.models import Evaluation
from schools.models import User

SALT = "accreditation.path"
LIFETIME = 2 * 60 * 60  # seconds between result and "Simpan sebagai skenario"


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True)
class RaiseRow:
    """One raise in the words of the scheme, with where the school works on it."""

    code: str  # "" where the name holds it
    name: str
    start: str
    end: str
    effort: int
    links: tuple[Link, ...]
    note: str  # what the start rests on, where nobody gave it


@dataclass(frozen=True)
class PathView:
    """A found way, or what keeps the target away."""

    place: Place
    path: Path
    target: Target

    @property
    def target_words(self) -> str:
        return target_words(self.place.scheme, target_data(self.target))

    @property
    def levels(self) -> int:
        return sum(one.end - one.start for one in self.path.raises)

    @property
    def parts(self) -> list[tuple[str, list[RaiseRow]]]:
        """The raises by component, those of the index last."""
        found: dict[str, list[RaiseRow]] = {}
        items, index = self.place.layout.items, self.place.scheme.spec.index
        names = {part.code: part.name for part in self.place.layout.components}
        for one in self.path.raises:
            item = items.get(one.code)
            part = names[item.component] if item else (index.name if index else "")
            found.setdefault(part, []).append(self._row(one))
        return list(found.items())

    def _row(self, one: Raise) -> RaiseRow:
        place = self.place
        item = place.layout.items.get(one.code)
        if item is None:  # a statement of the index
            number = one.code.rpartition("-")[2]
            return RaiseRow("", f"Pernyataan {number}", str(one.start), str(one.end), one.effort, (), "")
        shown = place.scheme.spec.scale.shown
        rating = place.readiness.claimed.answers.ratings.get(one.code)
        note = "belum terisi" if rating is None else "perkiraan" if rating.estimated else ""
        code, name = (one.code, item.name) if item.name else ("", item_name(place.scheme.spec.labels.item, item))
        links = self._links(one.code)
        return RaiseRow(code, name, shown(one.start), shown(one.end), one.effort, links, note)

    def _links(self, code: str) -> tuple[Link, ...]:
        """Its gap, and the question itself where the school answers this instrument, else those behind the estimate."""
        place, found = self.place, []
        rating = place.readiness.claimed.answers.ratings.get(code)
        if rating is None or rating.level < place.scheme.spec.scale.highest:
            found.append(Link("Celahnya", f"{place.url('gaps')}#{anchor_of(code)}"))
        return (*found, *self._questions(code))

    def _questions(self, code: str) -> Iterator[Link]:
        material, instrument = self.place.material, self.place.scheme.spec.instrument
        if instrument is None:
            return
        beside = material.beside.get(instrument.instrument)
        if beside is not None and code in beside.evaluation.asked:
            yield _question("Pertanyaannya", beside.evaluation, code)
            return
        walk, national = material.crosswalks.get(instrument.instrument), material.national
        if walk is None or national is None:
            return
        for link in walk.sources(code, material.form):
            if link.source in national.evaluation.asked:
                yield _question(link.source, national.evaluation, link.source)

    @property
    def figures(self) -> list[Row]:
        """The present figures and those after the raises."""
        return figure_rows(self.place.readiness.claimed, self.path.result)

    @property
    def uncertain(self) -> int:
        """Items that count at less than their present figure, or have none: estimates and unanswered ones."""
        answers = self.place.readiness.claimed.answers
        return sum(
            code not in answers.not_applicable and (code not in answers.ratings or answers.ratings[code].estimated)
            for code in self.place.layout.items
        )


def _question(text: str, evaluation: Evaluation, code: str) -> Link:
    return Link(text, f"{evaluation.address('section', evaluation.asked[code].standard)}#{anchor_of(code)}")


def entries_tab(place: Place) -> Tab | None:
    """The page on which a school enters levels, where there is one that this person may open."""
    return next((tab for tab in place.tabs if tab.name == "entries"), None)


def path_answers(answers: Answers) -> Answers:
    """What a way can start from: items. Estimated sums of whole components say nothing about them."""
    own = {code: points for code, points in answers.obtained.items() if code not in answers.estimated}
    return Answers(
        answers.ratings, answers.not_applicable, own, frozenset(), answers.statements, answers.entry,
        answers.thresholds,
    )  # fmt: skip


# --- from the result to "Simpan sebagai skenario" ---------------------------------------------------------


def pack(view: PathView, user: User) -> str:
    """What was found as a signed text for a hidden field: what is kept is what the person saw."""
    place = view.place
    content = {
        "place": [place.cycle.pk, place.scheme.key, user.pk],
        "data": plain_copy(place.scheme, place.form, view.path.after).data,
        "target": target_data(view.target),
        "plan": [
            {"code": one.code, "from": one.start, "to": one.end, "effort": one.effort} for one in view.path.raises
        ],
    }
    return signing.dumps(content, salt=SALT, compress=True)


def unpack(text: str, place: Place, user: User) -> Mapping[str, Any]:
    """What :func:`pack` wrote. Raises StateError when it is too old, DomainError when it is not ours."""
    try:
        content: dict[str, Any] = signing.loads(text, salt=SALT, max_age=LIFETIME)
    except signing.SignatureExpired:
        raise StateError("Hasil ini sudah lebih dari dua jam. Cari sekali lagi, lalu simpan.") from None
    except signing.BadSignature:
        raise DomainError("Hasil ini tidak terbaca. Cari sekali lagi, lalu simpan.") from None
    if content["place"] != [place.cycle.pk, place.scheme.key, user.pk]:
        raise DomainError("Hasil ini untuk sekolah, skema, atau akun lain. Cari sekali lagi, lalu simpan.")
    return content
