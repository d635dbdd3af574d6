from django.urls import include, path

from portal.home.views.about import about
from portal.home.views.activity import activity
from portal.home.views.forgotten import forgotten
from portal.home.views.front import front
from portal.home.views.help import help_page
from portal.home.views.lost_address import lost_address, lost_address_sent

account_patterns = [
    path("", about, name="about"),
    path("activity/", activity, name="activity"),
]

urlpatterns = [
    path("", front, name="front"),
    path("help/", help_page, name="help"),
    # The name is allauth's: its own pages lead there.
    path("forgotten/", forgotten, name="account_reset_password"),
    path("forgotten/address/", lost_address, name="lost_address"),
    path("forgotten/address/sent/", lost_address_sent, name="lost_address_sent"),
    path("account/", include((account_patterns, "account"))),
]
