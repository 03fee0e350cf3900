from django.urls import path

from standards import views

app_name = "standards"

urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("snp/<str:code>/", views.snp, name="snp"),
    path("instrumen/<str:instrument>/<str:version>/", views.instrument, name="instrument"),
    path("instrumen/<str:instrument>/<str:version>/banding/<str:other>/", views.compare_versions, name="compare"),
    path("instrumen/<str:instrument>/<str:version>/<str:code>/", views.item, name="item"),
    path("dasar-hukum/", views.legal_bases, name="legal_bases"),
    path("belum-terverifikasi/", views.unverified, name="unverified"),
    path("cari/", views.search, name="search"),
]
