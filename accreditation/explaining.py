"""Dari mana angka ini? Every figure of a scheme down to its items, with roundings, thresholds and sources. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from accreditation.catalogue import WHOLE, Condition, IndexSpec, SchemeData, SchemeItem, contexts_of
from accreditation.distribution import DistributionResult, Part
from accreditation.scoring import Rating
from accreditation.weighted import ComponentFigure, Totals, WeightedResult, statements_of
from common.explanation import Explanation
from common.formats import format_decimal
from common.rounding import round_half_up
from standards.naming import STATUSES

STATUS_WORDS = {
    "TERAKREDITASI": "terakreditasi",
    "TIDAK_TERAKREDITASI": "tidak terakreditasi",
    None: "belum dapat ditentukan",
}
Origins = Mapping[str, tuple[Explanation, ...]]  # by item: what its level itself rests on
_MET = {True: "terpenuhi", False: "belum terpenuhi", None: "belum dapat ditentukan"}
_EMPTY = "belum terisi"


def decimals(value: Fraction | Decimal | int, digits: int = 4) -> str:
    """``10,3125`` when *digits* decimals say it exactly, else ``10,3108…``, cut and not rounded."""
    exact = Fraction(value)
    cut = Fraction(int(exact * 10**digits), 10**digits)
    text = format_decimal(round_half_up(cut, digits))
    if cut != exact:
        return f"{text}…"
    return text.rstrip("0").rstrip(",") if "," in text else text


def source_of(scheme: SchemeData) -> str:
    """Scheme, version and every source with how well it is known."""
    rests = "; ".join(f"{subject}: {text.rstrip('.')} ({STATUSES[status]})" for subject, text, status in scheme.sources)
    return f"{scheme.spec.title}, skema {scheme.key} versi {scheme.spec.version}. {rests}."


def item_name(label: str, item: SchemeItem) -> str:
    code = f"{label.capitalize()} {item.code}"
    return f"{code} {item.name}" if item.name else code


# --- weighted ---------------------------------------------------------------------------------------------


def explain_weighted(result: WeightedResult, origins: Origins) -> Explanation:
    """The final value, its components down to the items, the index, conditions, rank, interval and coverage."""
    totals, index = result.present, result.spec.index
    parts = [_component(result, figure, origins) for figure in totals.components]
    if index is not None:
        parts = [
            Explanation("Kinerja (IK)", _value(totals.performance), _sum(totals), parts=tuple(parts)),
            _index(result, index),
        ]
    parts += [_status(result), *_entry(result), _interval(result), _coverage(result)]
    formula = _final(totals, index)
    if totals.final is not None:
        formula += f", ditulis {_value(totals.final)}; dibulatkan (setengah ke atas) menjadi {totals.rounded}"
    return Explanation("Nilai akhir", _value(totals.final), formula, source_of(result.scheme), tuple(parts))


def _value(value: Fraction | Decimal | None) -> str:
    return _EMPTY if value is None else format_decimal(round_half_up(value))


def _sum(totals: Totals) -> str:
    known = [figure for figure in totals.components if figure.value is not None]
    if totals.performance is None:
        return ""
    terms = " + ".join(decimals(figure.value or 0) for figure in known)
    weight = sum(figure.weight for figure in known)
    if weight == WHOLE:
        return f"{terms} = {decimals(totals.performance)}"
    return f"({terms}) : {weight} x {WHOLE} = {decimals(totals.performance)} (yang belum terisi tidak ikut)"


def _final(totals: Totals, index: IndexSpec | None) -> str:
    """The calculation of the final value from components and index; "" while nothing is answered."""
    if totals.performance is None or totals.final is None or index is None:
        return _sum(totals)
    if totals.index is None:
        return f"{index.name} belum terisi, jadi nilai ini baru kinerjanya: {decimals(totals.final)}"
    return (
        f"{decimals(index.share)} x {decimals(totals.index)} + "
        f"{decimals(1 - index.share)} x {decimals(totals.performance)} = {decimals(totals.final)}"
    )


def _interval(result: WeightedResult) -> Explanation:
    index, scale, item = result.spec.index, result.spec.scale, result.spec.labels.item
    low, high = (format_decimal(end) for end in result.interval)
    title, value = "Rentang nilai akhir", f"{low} sampai {high}"
    if result.complete:
        return Explanation(title, value, "semua terisi, jadi yang terendah dan yang tertinggi sama")
    statements = (1, index.highest) if index else (0, 0)
    ends = (
        ("Terendah", low, result.low, scale.lowest, statements[0]),
        ("Tertinggi", high, result.high, scale.highest, statements[1]),
    )
    parts = tuple(
        Explanation(
            f"{name} yang masih mungkin",
            shown,
            (f"kinerja (IK): {_sum(totals)}; " if index else "") + _final(totals, index),
            f"Setiap {item} yang belum terisi dihitung {scale.shown(level)}"
            + (f", pernyataan {index.code.upper()} yang belum terisi {statement}." if index else "."),
        )
        for name, shown, totals, level, statement in ends
    )
    return Explanation(
        title, value, "di sini letak nilai akhirnya, apa pun yang masih kurang atau masih perkiraan", parts=parts
    )


def _coverage(result: WeightedResult) -> Explanation:
    counted = result.spec.labels.item + (
        f" dan pernyataan {result.spec.index.code.upper()}" if result.spec.index else ""
    )
    formula = f"terisi {result.answered} dari {result.asked} {counted} = {decimals(result.coverage)}"
    return Explanation("Kelengkapan isian", _value(result.coverage), formula)


def _component(result: WeightedResult, figure: ComponentFigure, origins: Origins) -> Explanation:
    component, spec = figure.component, result.spec
    title = f"{component.name}, bobot {figure.weight}"
    if figure.value is None or figure.exact is None:
        return Explanation(title, _EMPTY)
    highest = spec.scale.highest
    formula = (
        f"{figure.weight} x {decimals(figure.obtained)} : ({highest} x {decimals(figure.possible / highest)}) = "
        f"{decimals(figure.exact)}"
    )
    digits = spec.rounding.component_digits if spec.rounding else None
    if digits is not None:
        formula += f", dibulatkan {digits} desimal menjadi {format_decimal(round_half_up(figure.value, digits))}"
    hundred = decimals(figure.value / figure.weight * WHOLE)
    formula += f"; skala 100: {decimals(figure.value)} : {figure.weight} x {WHOLE} = {hundred}"
    formula += f", dibulatkan menjadi {figure.scaled}"
    value = f"{_value(figure.value)} (skala 100: {figure.scaled})"
    if component.code in result.answers.obtained:
        estimated = component.code in result.answers.estimated
        note = "perkiraan dari profil mutu" if estimated else "jumlah skor tertimbang diberikan langsung"
        return Explanation(title, value, f"{formula} ({note})")
    return Explanation(title, value, formula, parts=tuple(_item(result, item, origins) for item in component.items))


def _item(result: WeightedResult, item: SchemeItem, origins: Origins) -> Explanation:
    spec, rating = result.spec, result.answers.ratings.get(item.code)
    title = item_name(spec.labels.item, item)
    if rating is None:
        return Explanation(title, _EMPTY)
    formula = ""
    if any(other.weight != 1 for other in result.layout.items.values()):
        most = spec.scale.highest * item.weight
        formula = f"{rating.level} x bobot {item.weight} = {rating.level * item.weight} dari {most}"
    return Explanation(title, _rating(result.scheme, rating), formula, parts=origins.get(item.code, ()))


def _rating(scheme: SchemeData, rating: Rating) -> str:
    shown = scheme.spec.scale.shown(rating.level)
    if scheme.spec.scale.letters:
        shown += f" ({rating.level})"
    if rating.estimated:
        shown += f", perkiraan antara {rating.low} dan {rating.high}" if rating.low != rating.high else ", perkiraan"
    return shown


def _index(result: WeightedResult, index: IndexSpec) -> Explanation:
    values = [value for value in result.answers.statements if value is not None]
    count = statements_of(index, result.form)
    if result.present.index is None:
        return Explanation(index.name, _EMPTY, f"{result.form} memiliki {count} pernyataan", index.source)
    formula = (
        f"({' + '.join(map(str, values))}) : ({index.highest} x {len(values)}) x {WHOLE} = "
        f"{decimals(result.present.index)}; terisi {len(values)} dari {count} pernyataan"
    )
    return Explanation(index.name, _value(result.present.index), formula, index.source)


def standing(result: WeightedResult) -> str:
    """``terakreditasi, B (Baik)`` by this calculation, or what is still open."""
    rank = next((rank for rank in result.spec.ranks if rank.letter == result.rank), None)
    if rank is not None:
        letter = f"{rank.letter} ({rank.name})"
    elif result.barred or result.worst.rank == result.best.rank:
        letter = "tanpa huruf"
    elif result.status is None:
        return STATUS_WORDS[None]
    else:
        letter = "peringkat belum dapat ditentukan"
    return f"{STATUS_WORDS[result.status]}, {letter}"


def _status(result: WeightedResult) -> Explanation:
    spec = result.spec
    conditions = tuple(
        Explanation(condition.text, _MET[result.met(condition.code)], _compared(result, condition))
        for condition in spec.conditions
    )
    limits = "; ".join(f"{rank.letter} ({rank.name}) mulai {rank.at_least}" for rank in spec.ranks)
    tied = ", ".join(rank.letter for rank in spec.ranks if rank.accredited)
    return Explanation(
        "Status dan peringkat hasil hitung",
        standing(result),
        f"Peringkat menurut nilai akhir yang dibulatkan: {limits}. Huruf {tied} hanya bila semua syarat terpenuhi",
        f"Syarat: {spec.conditions_source}. Peringkat: {spec.ranks_source}.",
        conditions,
    )


def _compared(result: WeightedResult, condition: Condition) -> str:
    """What a condition looks at, at the worst and at the best that is still possible."""

    def seen(totals: Totals) -> str:
        if condition.of == "final":
            return str(totals.rounded)
        if condition.of == "index":
            return decimals(totals.index or 0)
        scaled = {f.component.name: f.scaled or 0 for f in totals.components}
        if condition.of == "component":
            return str(scaled[result.layout.by_code[condition.component].name])
        weakest = min(scaled, key=lambda name: scaled[name])
        return f"{scaled[weakest]} ({weakest}, yang terendah)"

    low, high = seen(result.low), seen(result.high)
    reached = f"nilainya {low}" if low == high else f"nilainya masih dapat {low} sampai {high}"
    return f"{reached}; batasnya {condition.at_least}"


def _entry(result: WeightedResult) -> tuple[Explanation, ...]:
    """The entry conditions, where the scheme has some."""
    entry, given = result.spec.entry, result.answers.entry
    if entry is None:
        return ()
    value = _MET[False if result.barred else True if len(given) == len(entry.questions) else None]
    said = {True: "ya", False: "tidak", None: _EMPTY}
    parts = tuple(Explanation(question.text, said[given.get(question.code)]) for question in entry.questions)
    return (Explanation(entry.title, value, "tidak dinilai; semua harus ya sebelum visitasi", entry.source, parts),)


# --- distribution -----------------------------------------------------------------------------------------


def explain_distribution(result: DistributionResult, origins: Origins) -> Explanation:
    """The mean of all items, of every component and butir, down to the items."""
    whole, label = result.whole, result.spec.labels
    parts = tuple(
        Explanation(
            f"{label.component.capitalize()} {part.code} {part.name}",
            _value(part.mean),
            _mean(part),
            parts=_groups(result, part.code, origins),
        )
        for part in result.components
    )
    parts += (_spread(result), _weakest(result), _letter(result), _mean_interval(result), _rated(result))
    title = f"Rata-rata semua {label.item}"
    return Explanation(title, _value(whole.mean), _mean(whole), source_of(result.scheme), parts)


def _spread(result: DistributionResult) -> Explanation:
    whole, item = result.whole, result.spec.labels.item
    rows = tuple(
        Explanation(
            result.spec.scale.shown(level),
            f"{count} {item}, bagian {_value(whole.share(level))}",
            f"{count} : {whole.rated} = {decimals(Fraction(count, whole.rated))}" if whole.rated else "",
        )
        for level, count in whole.counts.items()
    )
    return Explanation("Sebaran kategori", f"{whole.rated} {item} bernilai", _aside(whole), parts=rows)


def _weakest(result: DistributionResult) -> Explanation:
    title = f"{result.spec.labels.item.capitalize()} terlemah"
    if not result.weakest:
        return Explanation(title, _EMPTY)
    lowest = result.spec.scale.shown(result.answers.ratings[result.weakest[0]].level)
    return Explanation(title, ", ".join(result.weakest), f"level terendah yang diberikan: {lowest}")


def _letter(result: DistributionResult) -> Explanation:
    """The letter, or why there is none."""
    thresholds = result.answers.thresholds
    if not thresholds:
        why = "aturan dari kategori ke status dan peringkat tidak ditemukan dalam sumber publik"
        return Explanation("Peringkat", "tidak dihitung", why)
    limits = "; ".join(f"{letter} mulai {decimals(least)}" for letter, least in thresholds.items())
    below = result.interval is not None and result.letter(result.interval[1]) is None
    return Explanation(
        "Huruf menurut ambang sendiri",
        result.rank or ("di bawah semua ambang" if below else "belum dapat ditentukan"),
        f"Ambang atas rata-rata semua {result.spec.labels.item}: {limits}; dibandingkan sebelum dibulatkan",
        "Asumsi sendiri; bukan aturan badan akreditasi.",
    )


def _mean_interval(result: DistributionResult) -> Explanation:
    title, scale, item = "Rentang rata-rata", result.spec.scale, result.spec.labels.item
    if result.interval is None:
        return Explanation(title, _EMPTY)
    low, high = result.interval
    value = f"{_value(low)} sampai {_value(high)}"
    if low == high:
        return Explanation(title, value, "semua terisi, jadi yang terendah dan yang tertinggi sama")
    count = result.whole.applicable
    parts = tuple(
        Explanation(
            f"{name} yang masih mungkin",
            _value(end),
            f"{decimals(end * count)} : {count} = {decimals(end)}",
            f"Setiap {item} yang belum terisi dihitung {scale.shown(level)}.",
        )
        for name, end, level in (("Terendah", low, scale.lowest), ("Tertinggi", high, scale.highest))
    )
    return Explanation(
        title, value, "di sini letak rata-ratanya, apa pun yang masih kurang atau masih perkiraan", parts=parts
    )


def _rated(result: DistributionResult) -> Explanation:
    whole = result.whole
    formula = f"terisi {whole.rated} dari {whole.applicable} {result.spec.labels.item} yang berlaku"
    return Explanation("Kelengkapan isian", _value(result.coverage), f"{formula} = {decimals(result.coverage)}")


def _groups(result: DistributionResult, component: str, origins: Origins) -> tuple[Explanation, ...]:
    label = result.spec.labels
    names = {group.code: group.component for group in result.layout.groups}
    return tuple(
        Explanation(
            f"{label.group.capitalize()} {part.code} {part.name}",
            _value(part.mean),
            _mean(part),
            parts=tuple(
                _plain(result, item, origins) for item in result.layout.items.values() if item.group == part.code
            ),
        )
        for part in result.groups
        if names[part.code] == component
    )  # fmt: skip


def _plain(result: DistributionResult, item: SchemeItem, origins: Origins) -> Explanation:
    title = item_name(result.spec.labels.item, item)
    if item.code in result.answers.not_applicable:
        return Explanation(title, "tidak berlaku", "tidak ikut dihitung")
    rating = result.answers.ratings.get(item.code)
    if rating is None:
        return Explanation(title, _EMPTY)
    used = contexts_of(result.spec, result.form).get(item.code)
    context = result.answers.contexts.get(item.code)
    words = next((option.text for option in used.options if option.code == context), "") if used else ""
    formula = f"rubrik: {words}" if words else "rubrik yang dipakai tidak disebut" if used else ""
    return Explanation(title, _rating(result.scheme, rating), formula, parts=origins.get(item.code, ()))


def _mean(part: Part) -> str:
    if part.mean is None:
        return ""
    terms = " + ".join(f"{count} x {level}" for level, count in part.counts.items() if count)
    formula = f"({terms}) : {part.rated} = {decimals(part.mean)}, dibulatkan menjadi {_value(part.mean)}"
    aside = _aside(part)
    return f"{formula}; {aside}" if aside else formula


def _aside(part: Part) -> str:
    """What is left out of the mean, in words."""
    left_out = [f"{part.not_applicable} tidak berlaku"] if part.not_applicable else []
    left_out += [f"{part.unanswered} belum terisi"] if part.unanswered else []
    return f"{' dan '.join(left_out)}, tidak ikut dihitung" if left_out else ""
