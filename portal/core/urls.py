from django.urls import path, re_path

from portal.core import views

urlpatterns = [
    re_path(
        r"^brand/(?P<version>[0-9a-f]{6}-[0-9a-f]{8})\.css$", views.brand_css, name="brand_css"
    ),
    path("theme/", views.theme, name="theme"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
