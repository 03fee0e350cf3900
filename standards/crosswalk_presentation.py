"""What the page of a question shows of the crosswalks: an estimate with its origin and reason, never a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from standards import naming
from standards.crosswalk import Crosswalk, Link, Ref
from standards.instruments import InstrumentSpec
from standards.models import InstrumentVersion
from standards.presentation import Question, item_url
from standards.services import crosswalks_from, crosswalks_to
from standards.wording import read_as

_SHARES = {Fraction(1): "intinya", Fraction(1, 2): "satu bagian utamanya", Fraction(1, 4): "satu rinciannya"}


@dataclass(frozen=True)
class Estimate:
    """A link with the name and the address of its other end; "" where that has no page."""

    link: Link
    code: str
    name: str
    url: str
    why: str
    levels: tuple[tuple[str, str], ...]  # an answer, and what it lets one expect in the target

    @property
    def origin(self) -> str:
        return naming.ORIGINS[self.link.origin]

    @property
    def share(self) -> str:
        """How much of the target the question sees."""
        return _SHARES.get(self.link.weight, f"{self.link.weight} bagiannya")


@dataclass(frozen=True)
class Estimates:
    """The links of one question to or from another instrument, the heaviest first; without any, the reason."""

    title: str
    label: str  # what the other instrument calls what is listed
    rows: tuple[Estimate, ...]
    note: str = ""
    reason: str = ""


def estimates_from(version: InstrumentVersion, code: str, form: str) -> list[Estimates]:
    """What the answer to a question lets one expect in other instruments; at most one query."""
    crosswalks = [one for one in crosswalks_from(version) if one.targets(code, form)]
    others = _specs(one.target for one in crosswalks)
    found = []
    for crosswalk in crosswalks:
        links = crosswalk.targets(code, form)
        if crosswalk.outside is not None:
            names = {target.code: target.name for target in crosswalk.outside.targets}
            rows = tuple(_row(link, link.target, names[link.target], "", version.spec, form) for link in links)
            found.append(Estimates(crosswalk.outside.title, crosswalk.outside.label, rows, crosswalk.outside.note))
        elif other := others.get(str(crosswalk.target)):
            rows = tuple(_asked(link, link.target, other, version.spec, form) for link in links)
            found.append(Estimates(other.title, other.labels.item, rows))
    return found


def estimates_to(version: InstrumentVersion, code: str, form: str) -> list[Estimates]:
    """The questions elsewhere that let one expect something here, or why there are none; at most one query."""
    crosswalks: list[Crosswalk] = [
        one for one in crosswalks_to(version) if one.sources(code, form) or one.reason(code, form)
    ]
    others = _specs(one.source for one in crosswalks)
    found = []
    for crosswalk in crosswalks:
        if other := others.get(str(crosswalk.source)):
            links = crosswalk.sources(code, form)
            rows = tuple(_asked(link, link.source, other, other, form) for link in links)
            reason = read_as(crosswalk.reason(code, form), form)
            found.append(Estimates(other.title, other.labels.item, rows, reason=reason))
    return found


def _specs(refs: Iterable[Ref]) -> dict[str, InstrumentSpec]:
    """Public versions by what a crosswalk calls them."""
    wanted = {str(ref): ref.instrument for ref in refs}
    if not wanted:
        return {}
    rows = InstrumentVersion.objects.public().filter(instrument__in=wanted.values())
    return {name: row.spec for row in rows if (name := f"{row.instrument} {row.version}") in wanted}


def _asked(link: Link, code: str, other: InstrumentSpec, source: InstrumentSpec, form: str) -> Estimate:
    question = Question(other, other.asked(form)[code])
    return _row(link, code, question.title, item_url(other, code, form), source, form)


def _row(link: Link, code: str, name: str, url: str, source: InstrumentSpec, form: str) -> Estimate:
    item = source.asked(form)[link.source]
    levels = tuple(
        (naming.level_name(item, level), f"level {low}" if low == high else f"level {low} sampai {high}")
        for level, (low, high) in sorted((link.levels or {}).items(), reverse=True)
    )
    return Estimate(link, code, name, url, read_as(link.why, form), levels)
