from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "portal.core"
    verbose_name = "The body and its mail"

    def ready(self) -> None:
        from portal.core.background.discovery import find_jobs

        find_jobs()
