"""Letting the demonstration happen: people first, then every school's year, step by step, through the services."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from common import clock
from evaluations.models import INSTRUMENT, AnswerState, Evaluation, LinkState, QualityCycle, Section
from evaluations.services import answers, cycles, evidence, instruments, proposals, reviews, submissions, targets
from evaluations.targets import Wanted
from reports.models import ReportState
from schools.academic_year import AcademicYear
from schools.basic_data import CellValue
from schools.models import Assignment, BasicData, Office, Region, School, User
from schools.regions import load_regions
from schools.services import register_school, save_basic_data
from spmi.demo import files
from spmi.demo.accounts import PASSWORD
from spmi.demo.specs import (
    Happening,
    MeetingSpec,
    PersonSpec,
    Said,
    SchoolSpec,
    StageSpec,
    Step,
    Story,
    WantedSpec,
    documents,
    stories,
    world,
)
from standards.library import load_library as read_library
from standards.models import InstrumentVersion
from standards.services import load_library

NUMBERS_SINCE = date(2010, 1, 4)


def is_built() -> bool:
    return School.objects.filter(npsn=world().schools[0].npsn).exists()


@transaction.atomic
def build() -> None:
    """Write the whole demonstration except the report files: all of it or, when interrupted, nothing."""
    load_regions()
    load_library(read_library())
    for office in world().offices:
        row = Office.objects.create(name=office.name, forms=list(office.forms), naungan=list(office.naungan))
        row.regions.set(Region.objects.filter(code__in=office.regions))
    for school in world().schools:
        _create_school(school)
    # One slow hash for all: the password is public anyway, and forty of them would take half a minute.
    encoded = make_password(PASSWORD)
    for person in world().people:
        _create_person(person, encoded)
    people = {user.username: user for user in User.objects.filter(assignments__isnull=False).distinct()}
    proof: dict[str, str] = {}
    for story in stories():
        _Year(story, people, proof).happen()


def _create_school(spec: SchoolSpec) -> None:
    school = School(region=Region.objects.get(code=spec.region), **spec.model_dump(exclude={"region", "nsm"}))
    register_school(school, nsm=spec.nsm, valid_from=NUMBERS_SINCE)


def _create_person(spec: PersonSpec, encoded: str) -> None:
    user = User.objects.create(
        username=spec.username, email=spec.email, name=spec.name, nip=spec.nip, password=encoded,
        is_staff=spec.administrator, is_superuser=spec.administrator,
    )  # fmt: skip
    for held in spec.assignments:
        school = School.objects.filter(npsn=held.at).first()
        Assignment.objects.create(
            person=user, school=school, office=None if school else Office.objects.get(name=held.at),
            role=held.role, kind=held.kind, decree=held.decree, valid_from=held.from_, valid_to=held.to,
        )  # fmt: skip


class _Clock:
    """Moments inside one sitting: some minutes after each other, always the same for the same step."""

    def __init__(self, begin: datetime, zone: str) -> None:
        self.moment = begin.replace(tzinfo=ZoneInfo(zone))
        self.minutes = random.Random(f"{files.SEED}{begin}")  # noqa: S311

    def next(self) -> datetime:
        # Never in the future: the demonstration may be built on a machine whose day lies before the story's.
        moment = min(self.moment, clock.now())
        self.moment += timedelta(minutes=self.minutes.randint(3, 11), seconds=self.minutes.randint(0, 59))
        return moment


class _Year:
    """One story being carried out. *proof* maps document keys to the codes of the evidence made of them."""

    def __init__(self, story: Story, people: Mapping[str, User], proof: dict[str, str]) -> None:
        self.story, self.people, self.proof = story, people, proof
        self.school = School.objects.select_related("region__parent").get(npsn=story.school)
        heads = Assignment.objects.heads(clock.today(self.school.time_zone)).filter(school=self.school)
        self.head = heads.select_related("person")[0].person

    def happen(self) -> None:
        started = self.story.started
        self.cycle: QualityCycle = cycles.start_cycle(
            self.school,
            AcademicYear(self.story.year),
            actor=self.people[started.by],
            version=InstrumentVersion.objects.get(instrument=INSTRUMENT, version=self.story.instrument),
            scope=self.story.scope,
            at=self._clock(started).next(),
        )
        self._turn_to(INSTRUMENT)
        self._set_stages(self.story.stages, started)
        for step in self.story.steps:
            self._do(step)
        if closing := self.story.closing_stages:
            self._set_stages(closing.stages, closing)

    def _clock(self, happening: Happening | Step) -> _Clock:
        return _Clock(happening.at, self.school.time_zone)

    def _turn_to(self, instrument: str) -> None:
        """From here on answers and reviews belong to the year's evaluation on *instrument*."""
        self.evaluation = Evaluation.objects.get(cycle=self.cycle, version__instrument=instrument)
        self.sections = {section.standard: section.pk for section in self.evaluation.sections.all()}

    def _section(self, item_code: str) -> int:
        return self.sections[item_code.partition(".")[0]]

    def _set_stages(self, stages: Mapping[str, StageSpec], when: Happening) -> None:
        time = self._clock(when)
        for key, stage in stages.items():
            cycles.update_stage(
                self.cycle, key, starts_on=stage.from_, ends_on=stage.to, state=stage.state,
                actor=self.people[when.by], at=time.next(),
            )  # fmt: skip

    def _do(self, step: Step) -> None:
        actor, time = self.people[step.by], self._clock(step)
        if step.figures:
            self._save_figures(step.figures, actor, time.next())
        if step.open_instrument:
            instruments.open_evaluation(self.cycle.pk, step.open_instrument, actor=actor, at=time.next())
        self._turn_to(step.instrument or INSTRUMENT)
        self._decide_on_targets(step, actor, time)
        self._confirm(step, actor, time)
        for code, said in step.answers.items():
            self._answer(code, said, step, actor, time)
        if step.submit:
            submissions.submit_section(self.sections[step.submit], actor=actor, reasons=step.reasons, at=time.next())
        if step.open:
            reviews.open_review(self.sections[step.open], actor=actor, at=time.next())
        self._review(step, actor, time)
        if step.return_:
            reviews.return_section(self.sections[step.return_], actor=actor, note=step.note, at=time.next())
        if step.verify:
            reviews.verify_section(self.sections[step.verify], actor=actor, at=time.next())
        if step.approve:
            reviews.approve_evaluation(self.evaluation.pk, actor=actor, at=time.next())

    def _save_figures(self, figures: Mapping[str, CellValue], actor: User, at: datetime) -> None:
        year = AcademicYear(self.story.year)
        stored = BasicData.objects.of(self.school, year)
        known, version = (stored.known, stored.writes) if stored else ({}, 0)
        save_basic_data(self.school, year, {**known, **figures}, version=version, actor=actor, at=at)

    def _confirm(self, step: Step, actor: User, time: _Clock) -> None:
        behalf = self.people[step.on_behalf_of] if step.on_behalf_of else None
        together = defaultdict(list)
        for code in step.proposals:
            together[self._section(code)].append(code)
        for section, codes in together.items():
            proposals.confirm_proposals(section, codes, actor=actor, on_behalf_of=behalf, at=time.next())

    def _decide_on_targets(self, step: Step, actor: User, time: _Clock) -> None:
        for standard in sorted({code.partition(".")[0] for code in step.targets}):
            codes = [code for code in step.targets if code.partition(".")[0] == standard]
            wanted = {code: self._wanted(step.targets[code]) for code in codes}
            mark = targets.seen_mark(targets.working_values(self.cycle.pk), targets.codes_of(self.evaluation, standard))
            targets.save_targets(self.evaluation.pk, standard, wanted, seen=mark, actor=actor, at=time.next())
        if step.propose_targets:
            self._propose_targets(step.propose_targets, actor, time.next())
        if step.return_targets:
            targets.return_targets(self.evaluation.pk, reason=step.return_targets, actor=actor, at=time.next())
        if step.approve_targets:
            targets.approve_targets(self.evaluation.pk, actor=actor, at=time.next())

    @staticmethod
    def _wanted(spec: WantedSpec) -> Wanted:
        score = Decimal(spec.score) if spec.score is not None else None
        return Wanted(score, bool(spec.beyond), spec.beyond, spec.note)

    def _propose_targets(self, spec: MeetingSpec, actor: User, at: datetime) -> None:
        document = documents()[spec.minutes]
        # Like the moments: never in the future of the machine that builds the demonstration.
        held = min(spec.held, clock.local_date(at, self.school.time_zone))
        people = [targets.Person(name, role) for name, role in spec.people]
        data = files.document_bytes(document, school=self.school, head=self.head)
        targets.save_meeting(
            self.evaluation.pk, targets.Meeting(held, spec.place, people), file=(document.file, data),
            confidential=document.confidential, propose=True, actor=actor, at=at,
        )  # fmt: skip

    def _answer(self, code: str, said: Said, step: Step, actor: User, time: _Clock) -> None:
        section = Section.objects.get(pk=self._section(code))
        row = section.answers.filter(item_code=code).first()
        state = AnswerState.NOT_APPLICABLE if said.na else AnswerState.ANSWERED
        answers.record_answer(
            section.pk,
            code,
            answers.AnswerInput(state, said.value, said.na, said.note),
            version=row.version if row else 0,
            actor=actor,
            on_behalf_of=self.people[step.on_behalf_of] if step.on_behalf_of else None,
            at=time.next(),
        )
        for key in said.evidence:
            self._prove(section.pk, code, key, actor, time.next())

    def _prove(self, section_id: int, code: str, key: str, actor: User, at: datetime) -> None:
        if key in self.proof:
            evidence.link_evidence(section_id, code, self.proof[key], actor=actor, at=at)
            return
        document = documents()[key]
        link = evidence.add_evidence(
            section_id, code, name=document.file, actor=actor, title=document.title, kind=document.kind,
            data=files.document_bytes(document, school=self.school, head=self.head),
            dated=document.dated, valid_until=document.valid_until, confidential=document.confidential,
            replaces=self.proof.get(document.replaces, ""), at=at,
        )  # fmt: skip
        self.proof[key] = link.revision.evidence.code

    def _review(self, step: Step, actor: User, time: _Clock) -> None:
        def decide(code: str, decision: str, **more: Any) -> None:
            reviews.review_item(
                self._section(code), code, decision, actor=actor,
                mode=step.mode, attendance=step.attendance, at=time.next(), **more,
            )  # fmt: skip

        for code in step.accept:
            waiting = Section.objects.get(pk=self._section(code)).links.filter(item_code=code, state=LinkState.WAITING)
            for revision in waiting.values_list("revision__code", flat=True):
                reviews.review_link(self._section(code), code, revision, accept=True, actor=actor, at=time.next())
        for code in step.confirm:
            decide(code, "CONFIRMED")
        for code, correction in step.correct.items():
            value = answers.AnswerInput(AnswerState.ANSWERED, correction.value)
            decide(code, "CORRECTED", correction=value, reason=correction.reason)
        for code, reason in step.give_back.items():
            decide(code, "RETURNED", reason=reason)
        for code, reasons in step.give_back_evidence.items():
            for key, reason in reasons.items():
                link = Section.objects.get(pk=self._section(code)).links.get(
                    item_code=code, revision__evidence__code=self.proof[key]
                )
                reviews.review_link(
                    link.section_id, code, link.revision.code, accept=False, reason=reason, actor=actor,
                    at=time.next(),
                )  # fmt: skip


def finish_reports() -> int:
    """Request and render the reports that the stories tell of, unless they are READY; how many were made."""
    made = 0
    for story in stories():
        if story.report is None:
            continue
        evaluation = Evaluation.objects.with_place().get(
            cycle__school__npsn=story.school, cycle__year=story.year, version__instrument=INSTRUMENT
        )
        if not evaluation.reports.filter(state=ReportState.READY).exists():
            _make_report(evaluation, story.report)
            made += 1
    return made


def _make_report(evaluation: Evaluation, asked: Happening) -> None:
    from reports import services  # the renderer is slow to import, and a second start does not need it
    from reports.pdf import render_pdf

    time = _Clock(asked.at, evaluation.school.time_zone)
    # Asking leaves a message for the workers, who find the report ready; their queue may not exist before the
    # first start.
    (settings.QUEUE_DIR / "messages").mkdir(parents=True, exist_ok=True)
    (settings.QUEUE_DIR / "control").mkdir(parents=True, exist_ok=True)
    actor = User.objects.get(username=asked.by)
    report = services.request_report(evaluation.pk, actor=actor, at=time.next())
    if held := services.claim(report.pk):
        advance = partial(services.progress, held.pk, held.attempt)
        services.finish(held.pk, held.attempt, render_pdf(held.snapshot_text, on_progress=advance), at=time.next())
