from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "portal.core"
    verbose_name = "The body and its mail"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from portal.core.background.discovery import find_jobs
        from portal.core.machine import clock
        from portal.core.machine.outages import reached

        connection_created.connect(reached)
        find_jobs()
        post_migrate.connect(clock.begin, sender=self)
