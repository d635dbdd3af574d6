from django.urls import include, path

from portal.home.views.about import about
from portal.home.views.activity import activity
from portal.home.views.front import front
from portal.home.views.help import help_page

account_patterns = [
    path("", about, name="about"),
    path("activity/", activity, name="activity"),
]

urlpatterns = [
    path("", front, name="front"),
    path("help/", help_page, name="help"),
    path("account/", include((account_patterns, "account"))),
]
