"""Every address of the portal, app by app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("portal.core.urls")),
    path("", include("portal.home.urls")),
    path("", include("portal.accounts.urls")),
    path("", include("portal.people.urls")),
    path("", include("portal.billing.urls")),
    path("", include("portal.events.urls")),
    path("", include("portal.demo.urls")),
    path("office/", admin.site.urls),
]

handler404 = "portal.core.web.middleware.not_found"
handler500 = "portal.core.machine.middleware.server_error"
