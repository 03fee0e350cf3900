from django.urls import URLPattern, URLResolver, include, path

from evaluations.views import (
    cycle,
    evidence,
    instrument,
    observation,
    profile,
    review,
    section,
    submission,
    targets,
    workshop,
    workshop_files,
    workshop_items,
    workshop_life,
)

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
version_patterns: list[URLPattern | URLResolver] = [
    path("", workshop.version, name="workshop_version"),
    path("keterangan/", workshop.header, name="workshop_header"),
    path("tambah/", workshop_items.add, name="workshop_add"),
    path("pertanyaan/<str:code>/", workshop_items.item, name="workshop_item"),
    path("pertanyaan/<str:code>/pindah/", workshop_items.move, name="workshop_move"),
    path("pertanyaan/<str:code>/hapus/", workshop_items.delete, name="workshop_delete"),
    path("pratinjau/", workshop.preview_page, name="workshop_preview"),
    path("ambil/", workshop_files.take, name="workshop_import"),
    path("unduh/<str:kind>/", workshop_files.export, name="workshop_export"),
    path("terbit/", workshop_life.publish, name="workshop_publish"),
    path("tarik/", workshop_life.retire, name="workshop_retire"),
    path("buang/", workshop_life.discard, name="workshop_discard"),
    path("versi-baru/", workshop.next_version, name="workshop_next"),
]
workshop_patterns: list[URLPattern | URLResolver] = [
    path("", workshop.workshop_list, name="workshop"),
    path("baru/", workshop.new, name="workshop_new"),
    path("templat/<str:kind>/", workshop_files.template, name="workshop_template"),
    path("<slug:key>/<str:version>/", include(version_patterns)),
]
urlpatterns = [
    path("sekolah/<str:npsn>/", cycle.school, name="school"),
    path("sekolah/<str:npsn>/siklus/", cycle.start, name="start_cycle"),
    path("sekolah/<str:npsn>/<int:year>/", include(year_patterns)),
    path("bengkel/", include(workshop_patterns)),
    path("tanda-terima/", submission.find_receipt, name="find_receipt"),
    path("tanda-terima/<str:number>/", submission.receipt, name="receipt"),
]
