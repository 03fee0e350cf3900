from django.urls import path

from schools import basic_data_views, views

urlpatterns = [
    path("masuk/kode/", views.redeem_code, name="redeem_code"),
    path("ganti-peran/", views.switch, name="switch"),
    path("sekolah/<str:npsn>/akun/", views.accounts, name="accounts"),
    path("sekolah/<str:npsn>/akun/<str:username>/kode/", views.issue_code, name="issue_code"),
    path("sekolah/<str:npsn>/<int:year>/data-pokok/", basic_data_views.sheet, name="basic_data"),
    path("sekolah/<str:npsn>/<int:year>/data-pokok/unduh/", basic_data_views.template, name="basic_data_template"),
    path("sekolah/<str:npsn>/<int:year>/data-pokok/impor/", basic_data_views.upload, name="basic_data_import"),
]
