"""The WSGI application, with what never dies taken out of garbage collection's way."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
