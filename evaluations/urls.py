from django.urls import include, path

from evaluations.views import cycle, evidence, profile, review, section, submission, targets

app_name = "evaluations"

year_patterns = [
    path("", cycle.cycle, name="cycle"),
    path("tahap/", cycle.stages, name="stages"),
    path("eds/<str:standard>/", section.section, name="section"),
    path("eds/<str:standard>/bukti/", evidence.add, name="evidence_add"),
    path("eds/<str:standard>/bukti/lepas/", evidence.unlink, name="evidence_unlink"),
    path("eds/<str:standard>/ajukan/", submission.submit, name="submit"),
    path("eds/<str:standard>/<str:item>/", section.answer, name="answer"),
    path("bukti/<str:code>/", evidence.download, name="evidence_file"),
    path("telaah/", review.queue, name="queue"),
    path("telaah/<str:standard>/", review.section, name="review"),
    path("telaah/<str:standard>/mulai/", review.open_review, name="review_open"),
    path("telaah/<str:standard>/kembalikan/", review.return_section, name="review_return"),
    path("telaah/<str:standard>/verifikasi/", review.verify, name="review_verify"),
    path("telaah/<str:standard>/bukti/", review.link, name="review_link"),
    path("telaah/<str:standard>/<str:item>/", review.item, name="review_item"),
    path("target/", targets.overview, name="targets"),
    path("target/keputusan/", targets.decision, name="targets_decision"),
    path("target/keputusan/sahkan/", targets.approve, name="targets_approve"),
    path("target/keputusan/kembalikan/", targets.give_back, name="targets_return"),
    path("target/keputusan/ubah/", targets.revise, name="targets_revise"),
    path("target/<str:standard>/", targets.standard, name="targets_standard"),
    path("sahkan/", review.approve, name="approve"),
    path("profil/", profile.profile, name="profile"),
]
urlpatterns = [
    path("sekolah/<str:npsn>/", cycle.school, name="school"),
    path("sekolah/<str:npsn>/siklus/", cycle.start, name="start_cycle"),
    path("sekolah/<str:npsn>/<int:year>/", include(year_patterns)),
    path("tanda-terima/", submission.find_receipt, name="find_receipt"),
    path("tanda-terima/<str:number>/", submission.receipt, name="receipt"),
]
