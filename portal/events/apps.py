from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "portal.events"
    verbose_name = "Events"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from portal.events.basket_count import note_on_signing_in

        user_logged_in.connect(note_on_signing_in, dispatch_uid="note_basket")
