from django.urls import URLPattern, URLResolver, include, path

from evaluations.views import cycle, evidence, instrument, observation, profile, review, section, submission, targets

app_name = "evaluations"


def evaluation_patterns(fill: str) -> list[URLPattern | URLResolver]:
    """The pages of one evaluation. The national one has them without its key, every other instrument below its own."""
    return [
        path(f"{fill}/<str:standard>/", section.section, name="section"),
        path(f"{fill}/<str:standard>/bukti/", evidence.add, name="evidence_add"),
        path(f"{fill}/<str:standard>/bukti/lepas/", evidence.unlink, name="evidence_unlink"),
        path(f"{fill}/<str:standard>/lembar/<slug:group>/", observation.sheet, name="observation_sheet"),
        path(f"{fill}/<str:standard>/ajukan/", submission.submit, name="submit"),
        path(f"{fill}/<str:standard>/usulan/", section.proposals, name="proposals"),
        path(f"{fill}/<str:standard>/<str:item>/", section.answer, name="answer"),
        path("telaah/", review.queue, name="queue"),
        path("telaah/<str:standard>/", review.section, name="review"),
        path("telaah/<str:standard>/mulai/", review.open_review, name="review_open"),
        path("telaah/<str:standard>/kembalikan/", review.return_section, name="review_return"),
        path("telaah/<str:standard>/verifikasi/", review.verify, name="review_verify"),
        path("telaah/<str:standard>/bukti/", review.link, name="review_link"),
        path("telaah/<str:standard>/<str:item>/", review.item, name="review_item"),
        path("sahkan/", review.approve, name="approve"),
        path("profil/", profile.profile, name="profile"),
        path("cakupan/", cycle.scope, name="scope"),
    ]


year_patterns = [
    path("", cycle.cycle, name="cycle"),
    path("tahap/", cycle.stages, name="stages"),
    path("bukti/<str:code>/", evidence.download, name="evidence_file"),
    path("instrumen/", instrument.instruments, name="instruments"),
    *evaluation_patterns("eds"),
    path(
        "instrumen/<slug:instrument>/",
        include([path("", instrument.instrument, name="instrument"), *evaluation_patterns("isi")]),
    ),
    path("target/", targets.overview, name="targets"),
    path("target/keputusan/", targets.decision, name="targets_decision"),
    path("target/keputusan/sahkan/", targets.approve, name="targets_approve"),
    path("target/keputusan/kembalikan/", targets.give_back, name="targets_return"),
    path("target/keputusan/ubah/", targets.revise, name="targets_revise"),
    path("target/<str:standard>/", targets.standard, name="targets_standard"),
]
urlpatterns = [
    path("sekolah/<str:npsn>/", cycle.school, name="school"),
    path("sekolah/<str:npsn>/siklus/", cycle.start, name="start_cycle"),
    path("sekolah/<str:npsn>/<int:year>/", include(year_patterns)),
    path("tanda-terima/", submission.find_receipt, name="find_receipt"),
    path("tanda-terima/<str:number>/", submission.receipt, name="receipt"),
]
