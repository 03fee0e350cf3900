"""What a school wants to reach under a scheme, and what a result still lacks. Pure: no Django, no I/O.

Everything here looks at a result of the exact scorer, so that no second way of computing a score decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from accreditation.catalogue import WHOLE, Condition, Rank, SchemeData, SchemeSpec
from accreditation.distribution import DistributionResult
from accreditation.explaining import decimals
from accreditation.schemes import Result
from accreditation.scoring import Answers, InputError
from accreditation.weighted import WeightedResult
from common.formats import format_decimal
from common.rounding import round_half_up


@dataclass(frozen=True)
class Target:
    """What is to be reached; everything that is given must hold together.

    A scheme of kind ``weighted`` takes score and rank, one of kind ``distribution`` the others.
    """

    score: int | None = None  # 0 to 100: the final value, rounded as for the rank
    rank: str | None = None  # letter of an accredited rank, or a better one; includes all conditions of the scheme
    at_least: Mapping[int, int] = field(default_factory=dict)  # by level: so many items there or better
    at_most: Mapping[int, int] = field(default_factory=dict)  # by level: no more items there or worse
    mean: Fraction | None = None  # of all items that apply


_FIELDS = {"weighted": ("score", "rank"), "distribution": ("at_least", "at_most", "mean")}


def check_target(scheme: SchemeData, form: str, answers: Answers, target: Target) -> None:
    """Raises InputError for a target that is empty or makes no sense under the scheme; the message names the field."""
    fields = _FIELDS[scheme.spec.kind]
    given = [name for names in _FIELDS.values() for name in names if getattr(target, name) not in (None, {})]
    if foreign := [name for name in given if name not in fields]:
        raise InputError(f"{foreign[0]}: tidak dipakai untuk skema {scheme.key}; isi {' atau '.join(fields)}.")
    if not given:
        raise InputError(f"target: masih kosong; isi {' atau '.join(fields)}.")
    if target.score is not None and not (type(target.score) is int and 0 <= target.score <= WHOLE):
        raise InputError(f"score: harus bilangan bulat 0 sampai {WHOLE}, bukan {target.score}.")
    if target.rank is not None:
        wanted_rank(scheme.spec, target.rank)
    if scheme.spec.kind == "distribution":
        _check_distribution(scheme, form, answers, target)


def wanted_rank(spec: SchemeSpec, letter: str) -> Rank:
    """The accredited rank with this letter. Raises InputError when there is none."""
    ranks = {rank.letter: rank for rank in spec.ranks if rank.accredited}
    if letter not in ranks:
        raise InputError(f"rank: harus salah satu dari {', '.join(ranks)}, bukan “{str(letter)[:20]}”.")
    return ranks[letter]


def _check_distribution(scheme: SchemeData, form: str, answers: Answers, target: Target) -> None:
    scale, label = scheme.spec.scale, scheme.spec.labels.item
    count = sum(code not in answers.not_applicable for code in scheme.layouts[form].items)
    # "At the lowest level or better" and "at the highest or worse" are always all items, so they say nothing.
    for name, levels in (("at_least", scale.levels[1:]), ("at_most", scale.levels[:-1])):
        for level, number in getattr(target, name).items():
            if level not in levels:
                raise InputError(f"{name}: level harus {levels[0]} sampai {levels[-1]}, bukan {level}.")
            if type(number) is not int or not 0 <= number <= count:
                raise InputError(
                    f"{name} level {level}: jumlah {label} harus 0 sampai {count} (semua yang berlaku), bukan {number}."
                )
    if target.mean is None:
        return
    if not count:
        raise InputError(f"mean: tidak ada {label} yang berlaku, jadi tidak ada rata-ratanya.")
    if not scale.lowest <= target.mean <= scale.highest:
        raise InputError(f"mean: harus {scale.lowest} sampai {scale.highest}, bukan {decimals(target.mean)}.")


def gaps(result: Result, target: Target) -> tuple[str, ...]:
    """What still keeps the target away, in words for the page; () when it is reached.

    What is unanswered or an estimate counts at its worst.
    """
    if isinstance(result, WeightedResult):
        return tuple(_weighted_gaps(result, target))
    return tuple(_distribution_gaps(result, target))


def _weighted_gaps(result: WeightedResult, target: Target) -> Iterator[str]:
    rank = None if target.rank is None else wanted_rank(result.spec, target.rank)
    value = result.low.rounded or 0
    least = max(target.score or 0, rank.at_least if rank else 0)
    if value < least:
        yield f"nilai akhir {value} masih di bawah {least}"
    if rank is None:
        return
    for condition in result.spec.conditions:
        if not result.worst.met[condition.code] and not (condition.of == "final" and value < least):
            yield f"{condition.text} (baru {_present(result, condition)})"
    if result.barred and result.spec.entry is not None:
        yield f"{result.spec.entry.title} belum terpenuhi, berapa pun levelnya"


def _present(result: WeightedResult, condition: Condition) -> str:
    """The figures that make a condition fail."""
    totals = result.low
    if condition.of == "final":
        return str(totals.rounded)
    if condition.of == "index":
        return decimals(totals.index or 0)
    looked_at = [f for f in totals.components if condition.component in ("", f.component.code)]
    return ", ".join(f"{f.component.name} {f.scaled}" for f in looked_at if (f.scaled or 0) < condition.at_least)


def _distribution_gaps(result: DistributionResult, target: Target) -> Iterator[str]:
    label, scale = result.spec.labels.item, result.spec.scale
    codes = [code for code in result.layout.items if code not in result.answers.not_applicable]
    rated = [result.answers.ratings.get(code) for code in codes]
    levels = [scale.lowest if rating is None else rating.low for rating in rated]
    for level, least in target.at_least.items():
        if (count := sum(one >= level for one in levels)) < least:
            yield f"{label} pada level {scale.shown(level)} atau lebih baik baru {count}, perlu {least}"
    for level, most in target.at_most.items():
        if (count := sum(one <= level for one in levels)) > most:
            yield f"{label} pada level {scale.shown(level)} atau lebih rendah masih {count}, paling banyak {most}"
    if target.mean is not None and result.interval is not None and result.interval[0] < target.mean:
        yield f"rata-rata {decimals(result.interval[0])} masih di bawah {decimals(target.mean)}"


def standing(result: Result) -> str:
    """Where a complete result stands: value and rank, or mean and distribution."""
    if isinstance(result, WeightedResult):
        value = format_decimal(result.interval[0])
        letter = f"peringkat {result.worst.rank.letter}" if result.worst.rank else "tanpa huruf"
        return f"nilai akhir {value} (dibulatkan {result.low.rounded}), {letter}"
    names = result.spec.scale.shown
    spread = ", ".join(
        f"{count} {result.spec.labels.item} pada level {names(level)}"
        for level, count in result.whole.counts.items()
        if count
    )
    return f"rata-rata {format_decimal(round_half_up(result.whole.mean or 0))}; {spread}"
