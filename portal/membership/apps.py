from django.apps import AppConfig


class MembershipConfig(AppConfig):
    name = "portal.membership"
    verbose_name = "Membership"
