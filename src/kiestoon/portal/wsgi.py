"""What gunicorn serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

# Whatever the environment says: the owner's settings would pass the walls between customers.
os.environ["DJANGO_SETTINGS_MODULE"] = "kiestoon.portal.settings_web"
application = get_wsgi_application()
