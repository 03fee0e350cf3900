"""Reading a row under its lock, so that every decision is made on fresh data."""

from __future__ import annotations

from evaluations.models import Evaluation, Section


def unlocked_section(section_id: int) -> Section:
    """The section with evaluation, cycle, school and version, for work to do before its lock is taken.

    Raises Section.DoesNotExist.
    """
    return Section.objects.select_related("evaluation__cycle__school__region", "evaluation__version").get(pk=section_id)


def locked_section(section_id: int, *, known: Section | None = None) -> Section:
    """The same, locked until the transaction ends.

    The lock of a section guards its answers, links, submissions and reviews. Of *known*, the section as it was read
    shortly before, evaluation and school are taken over: whether the section may change stands in its own row.
    Raises Section.DoesNotExist.
    """
    if known is not None:
        section = Section.objects.select_for_update().get(pk=section_id)
        section.evaluation = known.evaluation
    else:
        section = (
            Section.objects.select_for_update(of=("self",))
            .select_related("evaluation__cycle__school__region", "evaluation__version")
            .get(pk=section_id)
        )
    if len(section.items) != section.item_count:
        # Another scope was chosen between reading the evaluation and getting the lock (PostgreSQL reads joined rows
        # as they were before the wait), and the row that is locked knows it first.
        section.evaluation = Evaluation.objects.with_place().get(pk=section.evaluation_id)
        del section.items
    return section


def locked_evaluation(evaluation_id: int) -> Evaluation:
    """The evaluation, locked. Raises Evaluation.DoesNotExist."""
    return Evaluation.objects.select_for_update(of=("self",)).with_place().get(pk=evaluation_id)
