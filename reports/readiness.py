"""What an annual report says about the readiness for accreditation."""

from __future__ import annotations

from accreditation.presentation import columns_of, lines_of, spread_of
from accreditation.result_view import ResultView
from accreditation.services.readiness import Answered, assess, explain_view, gather, scheme_in_force, the_bodies
from accreditation.services.readiness import Readiness as Assessed
from common.explanation import Explanation
from evaluations.models import Evaluation
from evaluations.services.profiles import Profiles
from reports.content import BarRow, Fact, Readiness, ReadinessLine, Step
from standards.naming import STATUSES

MOST_WEAKEST = 5
ITEM_DEPTH = 3  # total, component, butir, item


def readiness_tables(evaluation: Evaluation, profiles: Profiles) -> Readiness | None:
    """Figures under the scheme in force from what was submitted; None where it has no items for this form of education
    or nothing leads to any. Simulations, entries on the sheet and own thresholds never stand in a report."""
    scheme = scheme_in_force()
    if evaluation.form not in scheme.layouts:
        return None
    known = Answered(evaluation, {view.kind: view.outcomes for view in profiles})
    readiness = assess(gather(evaluation.cycle, submitted_only=True, known=known), scheme)
    if not readiness.claimed.answers.ratings and not readiness.claimed.answers.not_applicable:
        return None
    spec, body = scheme.spec, the_bodies()[0]
    columns = columns_of(readiness, evaluation.school.words)
    spread, first = spread_of(columns), ResultView(readiness.claimed)
    explained = "verified" if readiness.results["verified"].answers.ratings else "claimed"
    return Readiness(
        title=spec.title,
        version=f"{scheme.key} {spec.version}",
        basis=spec.basis,
        body=f"{body.long_name} ({body.name})",
        origin=_origin(readiness),
        note=spec.note,
        views=tuple(column.label for column in columns),
        lines=tuple(
            ReadinessLine(line.title, tuple(Fact(cell.text, cell.note) for cell in line.cells))
            for line in lines_of(columns)
        ),
        spread=tuple(BarRow(bar.label, tuple(bar.counts)) for bar in spread.bars) if spread else (),
        spread_names=spread.names if spread else (),
        weakest=tuple(Fact(item.code, item.name) for item in first.weakest[:MOST_WEAKEST]),
        weakest_said=f"{len(first.weakest)} {spec.labels.item} pada level {first.weakest_level}"
        if first.weakest
        else "",
        sources=tuple(Fact(f"{subject} ({STATUSES[status]})", source) for subject, source, status in scheme.sources),
        explanation=tuple(_step(depth, node) for depth, node in explain_view(readiness, explained).walk()),
        explained=next(column.label for column in columns if column.kind == explained),
    )


def _step(depth: int, node: Explanation) -> Step:
    """One line. Below an item stand the answers that it is an estimate from: by their code alone, since text and reason
    fill pages and stand in the chapters before and in the catalogue."""
    if depth > ITEM_DEPTH and node.title[:1].isdigit():
        return Step(depth, f"Pertanyaan {node.title.partition(' ')[0]}", node.value, node.formula, "")
    return Step(depth, node.title, node.value, node.formula, node.source)


def _origin(readiness: Assessed) -> str:
    label, estimated = readiness.scheme.spec.labels.item, len(readiness.estimated)
    asked = len(readiness.layout.items)
    text = f"Dari {asked} {label}, {len(readiness.direct)} dijawab langsung"
    if not estimated:
        return f"{text}."
    scope = f", cakupan {readiness.scope_name}" if readiness.scope_name else ""
    return f"{text} dan {estimated} diperkirakan dari jawaban evaluasi diri{scope}."
