"""The table in docs/permissions.md, address by address, method by method, role by role.

One school has a year in every state; each request happens in its own savepoint, so that no row spoils the next.
"""

from __future__ import annotations

import copy
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from accreditation.path_presentation import PathView, pack
from accreditation.place import Place as SchemePlace
from accreditation.services import sispena
from accreditation.services.readiness import the_schemes
from accreditation.services.scenarios import mark_of
from accreditation.shortest import Target, shortest_path
from evaluations.models import Evaluation, StageState
from evaluations.services import cycles, evidence, instruments, reviews
from reports import services as reports
from schools import services as accounts
from schools.academic_year import AcademicYear
from schools.basic_data import form_sheet
from schools.basic_data_xlsx import write_template
from schools.choices import Role
from schools.models import School, User
from standards.exchange import to_yaml
from standards.models import InstrumentVersion
from standards.services import publish
from tests.accreditation import scenario_steps
from tests.evaluations import target_steps, workshop_steps
from tests.factories import (
    PASSWORD,
    SHORT,
    AssignmentFactory,
    OfficeFactory,
    Place,
    RegionFactory,
    SchoolFactory,
    UserFactory,
    person_at,
    the_version,
    whole_catalogue,
)

pytestmark = pytest.mark.pages
DOCUMENT = Path(settings.BASE_DIR) / "docs" / "permissions.md"
WHO = ("anonymous", *Role.values, "ADMIN")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
YEARS = {
    "draft": 2020, "submitted": 2021, "confidential": 2021, "review": 2022, "decided": 2023, "verified": 2024,
    "approved": 2025, "targets_proposed": 2026, "targets_approved": 2027, "sheet": 2028, "sheet_submitted": 2029,
    "own": 2020, "published": 2020, "-": 2020,
}  # fmt: skip
ITEM, OTHER_ITEM = "8.1.2.a", "8.1.1.a"


# --- the table --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    address: str
    method: str
    state: str
    expected: dict[str, str]  # by role
    foreign: str

    def __str__(self) -> str:
        return f"{self.method} {self.address} {self.state}"


def read_table(text: str) -> list[Row]:
    """Rows of the table whose first column is called "address"."""
    lines = iter(text.splitlines())
    head = next(cells(line) for line in lines if line.startswith("| address"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        values = dict(zip(head, cells(line), strict=True))
        address = values.pop("address").strip("`")
        method, state, foreign = values.pop("method"), values.pop("state"), values.pop("foreign")
        rows.append(Row(address, method, state, values, foreign))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def addresses() -> set[str]:
    """Names of all addresses of the resolver, the admin site's under one name."""

    def walk(patterns, namespace=""):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from walk(pattern.url_patterns, inner)
            elif namespace == "admin:":
                yield "admin:*"
            elif isinstance(pattern, URLPattern):
                assert pattern.name, f"address without a name: {pattern.pattern}"
                yield f"{namespace}{pattern.name}"

    return set(walk(get_resolver().url_patterns))


ROWS = read_table(DOCUMENT.read_text())
OURS = [row for row in ROWS if row.address != "admin:*"]


def test_every_address_has_a_row_and_every_row_an_address():
    assert {row.address for row in ROWS} == addresses()


def test_every_row_speaks_of_every_role_and_says_something_known():
    for row in ROWS:
        assert tuple(row.expected) == WHO
        assert set(row.expected.values()) <= {"ok", "login", "403", "404"}, row
        assert row.method in METHODS
        assert row.state in YEARS
    assert len({str(row) for row in ROWS}) == len(ROWS)


# --- the world --------------------------------------------------------------------------------------


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


class World:
    """One school with a year in every state, its people, and the same people at another school."""

    def __init__(self) -> None:
        whole_catalogue()
        self.place = Place(year=YEARS["draft"], region=RegionFactory(code="33.01"))
        present = InstrumentVersion.objects.get(instrument="eds-snp", version="2025.1").spec
        publish(type(present).model_validate(present.model_dump() | {"version": "2024.1"}))  # to compare it with
        self.school = self.place.school
        self.own = self.people(self.school)
        self.own |= {Role.PRINCIPAL: self.place.principal, Role.QUALITY_TEAM: self.place.team}
        self.foreign = self.people(SchoolFactory(region=RegionFactory(code="33.02")))
        self.revisions: dict[str, str] = {}
        self.proposals: dict[str, str] = {}
        draft = self.place
        draft.fill()
        self.prove(draft, "draft", "red")
        instruments.open_evaluation(draft.cycle.pk, "ia-2024", actor=draft.team)
        served = sispena.upload_document(
            draft.cycle, the_schemes()["ia-2024"], "kalender", name="kalender.png", data=picture("purple"),
            actor=draft.operator,
        )  # fmt: skip
        self.served = served.evidence.code

        submitted = self.year("submitted")
        submitted.fill()
        self.prove(submitted, "submitted", "green")
        self.prove(submitted, "confidential", "black", confidential=True)
        self.receipt = submitted.submit().number
        scenario_steps.enter(submitted, "ban-2017", scenario_steps.letters("B"))
        self.scenario = scenario_steps.keep(submitted, key="ban-2017")
        self.tried = submitted.evaluation

        self.year("sheet", edition="2026.1")
        observed = self.year("sheet_submitted", edition="2026.1")
        observed.fill("1")
        observed.submit("1")

        review = self.year("review")
        review.fill()
        self.prove(review, "review", "blue")
        review.submit()
        review.open()
        reviews.review_item(review.section().pk, ITEM, "RETURNED", actor=review.team, reason="Lengkapi dasarnya.")

        decided = self.year("decided")
        decided.fill()
        decided.submit()
        decided.open()
        decided.confirm_all()

        verified = self.year("verified")
        for standard in verified.evaluation.spec.standards_for(verified.evaluation.form):
            verified.fill(standard)
            verified.submit(standard)
            verified.open(standard)
            verified.confirm_all(standard)
            verified.verify(standard)

        sheet = form_sheet(self.school.form, self.school.naungan)
        year = AcademicYear(YEARS["draft"])
        self.workbook = write_template(sheet, {"guru": 12}, npsn=self.school.npsn, school="SD Uji", year=year)
        for state, colour in (("targets_proposed", "yellow"), ("targets_approved", "orange")):
            year = self.year(state)
            target_steps.set_targets(year, {"8.1": "5"})
            decision = target_steps.propose(year, file=("notulen.png", picture(colour)))
            self.revisions[state], self.proposals[state] = decision.minutes.code, decision.proposal
        target_steps.approve(year)

        approved = self.year("approved").complete()
        report = reports.request_report(approved.pk, actor=self.place.principal)
        held = reports.claim(report.pk)
        self.report = reports.finish(report.pk, held.attempt, b"%PDF-1.7 a report").code

        self.own_draft = workshop_steps.filled(self.school, self.place.team)
        self.own_published = workshop_steps.published(self.school, self.place.team)

    def people(self, school: School) -> dict[str, User]:
        office = OfficeFactory()
        office.regions.add(school.region)
        found = {role: person_at(school, role) for role in Role if role != Role.OFFICE}
        found[Role.OFFICE] = AssignmentFactory(school=None, office=office, role=Role.OFFICE).person
        return {**found, "ADMIN": UserFactory(is_staff=True, is_superuser=True)}

    def year(self, state: str, *, edition: str = SHORT) -> Place:
        """The same school and people in the year of *state*."""
        place = copy.copy(self.place)
        place.cycle = cycles.start_cycle(
            self.school, AcademicYear(YEARS[state]), actor=place.principal, version=the_version(edition)
        )
        place.evaluation = Evaluation.objects.with_place().get(cycle=place.cycle)
        return place

    def prove(self, place: Place, state: str, colour: str, **kwargs) -> None:
        link = evidence.add_evidence(
            place.section().pk, ITEM, name=f"{state}.png", data=picture(colour), actor=place.teacher, **kwargs
        )
        self.revisions[state] = link.revision.code

    def way(self, person: User | None) -> str:
        """A found way as the page hands it to *person*."""
        place = SchemePlace(self.place.team, self.tried, scenario_steps.scheme("ban-2017"))
        target = Target(score=76)
        found = shortest_path(place.scheme, place.form, place.readiness.claimed.answers, target)
        return pack(PathView(place, found, target), person) if person else ""

    def url(self, row: Row) -> str:
        year = (self.school.npsn, YEARS[row.state])
        standard = (*year, "8")
        args = {
            "accounts": (self.school.npsn,),
            "issue_code": (self.school.npsn, self.place.teacher.username),
            "basic_data": year,
            "basic_data_template": year,
            "basic_data_import": year,
            "evaluations:school": (self.school.npsn,),
            "evaluations:start_cycle": (self.school.npsn,),
            "evaluations:cycle": year,
            "evaluations:stages": year,
            "evaluations:queue": year,
            "evaluations:approve": year,
            "evaluations:profile": year,
            "evaluations:scope": year,
            "evaluations:instruments": year,
            "evaluations:instrument": (*year, "ia-2024"),
            "evaluations:targets": year,
            "evaluations:targets_decision": year,
            "evaluations:targets_approve": year,
            "evaluations:targets_return": year,
            "evaluations:targets_revise": year,
            "evaluations:answer": (*standard, ITEM),
            "evaluations:observation_sheet": (*year, "1", "lembar_pengamatan_sikap"),
            "evaluations:review_item": (*standard, OTHER_ITEM),
            "evaluations:evidence_file": (*year, self.revisions.get(row.state, "")),
            "evaluations:find_receipt": (),
            "evaluations:receipt": (self.receipt,),
            "accreditation:calculator": (),
            "accreditation:calculate": ("ia-2024", "SD"),
            "reports:reports": year,
            "reports:create": year,
            "reports:report": (*year, self.report),
            "reports:status": (*year, self.report),
            "reports:download": (*year, self.report),
            "standards:snp": ("8",),
            "standards:instrument": ("eds-snp", "2025.1"),
            "standards:compare": ("eds-snp", "2025.1", "2024.1"),
            "standards:item": ("eds-snp", "2025.1", ITEM),
        }
        if row.address in ("evaluations:workshop", "evaluations:workshop_new"):
            return reverse(row.address)
        if row.address.startswith("evaluations:workshop_"):
            version = self.own_published if row.state == "published" else self.own_draft
            more = {"item": ["7.2.s1"], "move": ["7.2.s1"], "delete": ["7.2.s1"], "export": ["yaml"]}
            name = row.address.partition("_")[2]
            place = ["yaml"] if name == "template" else [version.instrument, version.version, *more.get(name, [])]
            return reverse(row.address, args=place) + ("?di=7.2&jenis=yesno" if name == "add" else "")
        if row.address in args:
            return reverse(row.address, args=args[row.address])
        if row.address.startswith("accreditation:"):
            return reverse(row.address, args=(*year, *self.readiness(row.address.partition(":")[2])))
        return reverse(row.address, args=standard if row.address.startswith("evaluations:") else ())

    def readiness(self, name: str) -> tuple[str, ...]:
        """What follows the year in the addresses of the readiness pages: scheme, and what stands below it."""
        if name == "in_force":
            return ()
        if name in ("readiness", "gaps") or name.startswith("sispena"):
            below = {"sispena_text": "1.1", "sispena_text_docx": "1.1", "sispena_document": "kurikulum"}
            below["sispena_document_unlink"] = "kalender"
            return ("ia-2024", *([below[name]] if name in below else []))
        named = name in ("scenario", "scenario_save", "scenario_delete")
        return ("ban-2017", *([self.scenario.code] if named else []))

    def body(self, row: Row, who: str, *, foreign: bool) -> dict[str, object]:
        """What a person with the right to do so would send."""
        if row.method != "POST":
            return {}
        teacher = self.place.teacher
        answer = self.place.section().answers.get(item_code=ITEM)
        stage = self.place.cycle.stages.get(key="menetapkan")
        held = (self.own if foreign else {**self.own, "anonymous": None})[who] if who in self.own else None
        appointment = held.assignments.first() if held else None
        code = ""
        if row.address == "redeem_code":
            code, _ = accounts.issue_login_code(teacher, school=self.school, actor=self.place.principal)
        new = "sawah-hijau-27"
        seen = self.own_draft.sha256
        question = {
            "seen": seen, "question": "Apakah ada?", "window": "hari ini", "answered_by": "guru", "gather": "dokumen",
        }  # fmt: skip
        bodies: dict[str, dict[str, object]] = {
            "account_login": {"login": teacher.username, "password": PASSWORD},
            "account_change_password": {"oldpassword": PASSWORD, "password1": new, "password2": new},
            "redeem_code": {"username": teacher.username, "code": code, "password": new, "repeat": new},
            "switch": {"assignment": appointment.pk if appointment else ""},
            "basic_data": {"version": 0, "guru": "12"},
            "basic_data_import": {"file": SimpleUploadedFile("data-pokok.xlsx", self.workbook)},
            "evaluations:start_cycle": {"year": "2031/2032"},
            "evaluations:stages": {
                "key": stage.key,
                f"{stage.key}-starts_on": stage.starts_on.isoformat(),
                f"{stage.key}-ends_on": stage.ends_on.isoformat(),
                f"{stage.key}-state": StageState.DONE,
            },
            "evaluations:scope": {"scope": ""},
            "evaluations:instruments": {"instrument": "iasp-2020"},
            "evaluations:answer": {
                "version": answer.version,
                "value": "tidak",
                "on_behalf_of": teacher.username if who == Role.OPERATOR else "",
            },
            "evaluations:evidence_add": {
                "item": ITEM,
                "file": SimpleUploadedFile("foto.png", picture("white"), "image/png"),
            },
            "evaluations:proposals": {
                "item": "8.1.1.a",
                "on_behalf_of": teacher.username if who == Role.OPERATOR else "",
            },
            "accreditation:sispena_text": {"text": "Naskah", "version": 0},
            "accreditation:sispena_document": {
                "file": SimpleUploadedFile("kurikulum.png", picture("white"), "image/png")
            },
            "accreditation:sispena_document_unlink": {"evidence": self.served},
            "evaluations:evidence_unlink": {"item": ITEM, "revision": self.revisions["draft"]},
            "evaluations:review_item": {"decision": "CONFIRMED", "mode": "TEAM"},
            "evaluations:review_link": {
                "item": ITEM,
                "revision": self.revisions["review"],
                "decision": "accept",
            },
            "evaluations:workshop_new": {"title": "Judul", "source": "Rapat", "forms": "SD"},
            "evaluations:workshop_header": {"title": "Judul", "source": "Rapat", "seen": seen},
            "evaluations:workshop_add": {**question, "level_4": "Ada", "level_1": "Tidak"},
            "evaluations:workshop_item": question | {f"level_{level}": f"Nomor {level}" for level in (1, 2, 3, 4)},
            "evaluations:workshop_move": {"arah": "turun", "seen": seen},
            "evaluations:workshop_delete": {"seen": seen},
            "evaluations:workshop_publish": {"seen": seen},
            "evaluations:workshop_import": {
                "mode": "ganti",
                "seen": seen,
                "content": to_yaml(self.own_published.spec),
            },
            "accreditation:calculate": {"item-1.1.1": "3"},
            "accreditation:entries": {"version": 0, "way": "answers", "item-1": "B"},
            "accreditation:what_if": {"item-1": "A"},
            "accreditation:scenario": {"item-1": "A"},
            "accreditation:scenario_new": {"item-1": "A", "name": f"Uji {who}"},
            "accreditation:scenario_save": {"item-1": "A", "name": "Lain", "seen": mark_of(self.scenario)},
            "accreditation:scenario_delete": {"seen": mark_of(self.scenario)},
            "accreditation:path": {"score": "76"},
            "accreditation:path_keep": {"jalan": self.way(held) if "path_keep" in row.address else "", "name": "Jalan"},
            "evaluations:targets_approve": {"seen": self.proposals.get(row.state, "")},
            "evaluations:targets_return": {"reason": "Naikkan."},
            "evaluations:review_return": {"note": "Lengkapi dasarnya."},
        }
        return bodies.get(row.address, {})


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def send(method: str, url: str, person: User | None, data: dict[str, object] | None = None) -> HttpResponse:
    """One request in its own savepoint, by somebody whom throttling does not know yet."""
    cache.clear()
    client = Client()
    with transaction.atomic():
        if person is not None:
            client.force_login(person)
        response = getattr(client, method.lower())(url, data or {})
        if response.streaming:
            b"".join(response.streaming_content)  # reading to the end closes the file
        transaction.set_rollback(True)
    return response


def outcome(response: HttpResponse) -> str:
    if response.status_code == 302 and response.url.startswith(f"{reverse('account_login')}?next="):
        return "login"
    return "ok" if 200 <= response.status_code < 400 else str(response.status_code)


# --- the walk ---------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("row", OURS, ids=str)
def test_the_answer_is_the_one_in_the_table(world, row):
    url = world.url(row)
    found = {}
    for who in WHO:
        with transaction.atomic():
            data = world.body(row, who, foreign=False)
            found[who] = outcome(send(row.method, url, world.own.get(who), data))
            transaction.set_rollback(True)
    assert found == row.expected


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in OURS if row.foreign != "-"], ids=str)
def test_people_of_another_school_get_the_foreign_answer(world, row):
    url = world.url(row)
    found = {
        who: outcome(send(row.method, url, person, world.body(row, who, foreign=True)))
        for who, person in world.foreign.items()
    }
    assert found == dict.fromkeys(world.foreign, row.foreign)


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted({row.address for row in OURS}))
def test_a_method_without_a_row_is_not_accepted(world, address):
    rows = [row for row in OURS if row.address == address]
    url = world.url(rows[0])
    for method in METHODS:
        if method not in {row.method for row in rows}:
            assert send(method, url, world.own[Role.PRINCIPAL]).status_code == 405, method


def admin_urls() -> list[str]:
    urls = [reverse("admin:index"), reverse("admin:password_change")]
    urls += [reverse("admin:app_list", args=[label]) for label in {m._meta.app_label for m in admin.site._registry}]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[1])]
    return sorted(urls)


@pytest.mark.django_db
@pytest.mark.parametrize("url", admin_urls())
def test_the_admin_site_is_for_administrators_alone(world, url):
    row = next(row for row in ROWS if row.address == "admin:*")
    found = {}
    for who in WHO:
        client = Client()
        with transaction.atomic():
            if who in world.own:
                client.force_login(world.own[who])
            response = client.get(url, follow=True)
            last = response.redirect_chain[-1][0] if response.redirect_chain else url
            away = last.startswith(f"{reverse('account_login')}?next=")
            found[who] = "login" if away else outcome(response)
            transaction.set_rollback(True)
    assert found == row.expected
