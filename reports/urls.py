from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("pengawas/", views.supervisor, name="supervisor"),
    path("dinas/", views.office, name="office"),
    path("sekolah/<str:npsn>/<int:year>/laporan/", views.reports, name="reports"),
    path("sekolah/<str:npsn>/<int:year>/laporan/buat/", views.create, name="create"),
    path("sekolah/<str:npsn>/<int:year>/laporan/<str:code>/", views.report, name="report"),
    path("sekolah/<str:npsn>/<int:year>/laporan/<str:code>/status.json", views.status, name="status"),
    path("sekolah/<str:npsn>/<int:year>/laporan/<str:code>/unduh/", views.download, name="download"),
]
