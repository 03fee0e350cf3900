from django.urls import include, path

from accreditation.views import calculator, entries, readiness, sispena, what_if
from accreditation.views import path as paths

app_name = "accreditation"

scheme_patterns = [
    path("", readiness.readiness, name="readiness"),
    path("celah/", readiness.gaps, name="gaps"),
    path("isian/", entries.entries, name="entries"),
    path("sispena/", sispena.overview, name="sispena"),
    path("sispena/docx/", sispena.docx, name="sispena_docx"),
    path("sispena/deskripsi/<str:group>/", sispena.text, name="sispena_text"),
    path("sispena/deskripsi/<str:group>/docx/", sispena.text_docx, name="sispena_text_docx"),
    path("sispena/dokumen/<slug:document>/", sispena.document, name="sispena_document"),
    path("sispena/dokumen/<slug:document>/lepas/", sispena.document_unlink, name="sispena_document_unlink"),
    path("simulasi/", what_if.what_if, name="what_if"),
    path("simulasi/simpan/", what_if.create, name="scenario_new"),
    path("simulasi/banding/", what_if.compare, name="compare"),
    path("simulasi/<str:code>/", what_if.scenario, name="scenario"),
    path("simulasi/<str:code>/simpan/", what_if.save, name="scenario_save"),
    path("simulasi/<str:code>/hapus/", what_if.delete, name="scenario_delete"),
    path("jalan/", paths.path, name="path"),
    path("jalan/simpan/", paths.keep, name="path_keep"),
]

urlpatterns = [
    path("kalkulator/", calculator.choose, name="calculator"),
    path("kalkulator/<slug:scheme>/<str:form>/", calculator.calculate, name="calculate"),
    path(
        "sekolah/<str:npsn>/<int:year>/kesiapan/",
        include(
            [
                path("", readiness.in_force, name="in_force"),
                path("<slug:scheme>/", include(scheme_patterns)),
            ]
        ),
    ),
]
