from django.urls import path

from schools import views

urlpatterns = [
    path("masuk/kode/", views.redeem_code, name="redeem_code"),
    path("ganti-peran/", views.switch, name="switch"),
    path("sekolah/<str:npsn>/akun/", views.accounts, name="accounts"),
    path("sekolah/<str:npsn>/akun/<str:username>/kode/", views.issue_code, name="issue_code"),
]
