"""Django settings. What differs between machines comes from KIESTOON_* (docs/architecture.md)."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from kiestoon import __version__

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("KIESTOON_STATE") or HERE.parents[2] / "var")
RUN = Path(os.environ.get("KIESTOON_RUN") or f"/tmp/kiestoon-{os.getuid()}")
VERSION = __version__
ROUTING_STORE = STATE / "routing" / "customers.sqlite"
PORTED_NUMBERS = STATE / "routing" / "ported.sqlite"
LOCATION = STATE / "location" / "location.sqlite"
BANS = STATE / "edge" / "bans.json"
SECRETS = STATE / "secrets"


def _secret_key() -> str:
    """Made at first start, kept with the other secrets; never in the repository.

    Where the stack made no folder of secrets (linters, tests) nothing is written: the key is for once.
    """
    path = SECRETS / "django.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        key = secrets.token_urlsafe(48)
        if path.parent.is_dir():
            path.touch(mode=0o600)
            path.write_text(key)
        return key


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ROOT_URLCONF = "kiestoon.portal.urls"
WSGI_APPLICATION = "kiestoon.portal.wsgi.application"
AUTH_USER_MODEL = "people.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "Europe/Brussels"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    # Their own configuration leaves the template loaders to us: a template may hold both tags.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "procrastinate.contrib.django",
    "kiestoon.portal.customers",
    "kiestoon.portal.phones",
    "kiestoon.portal.carriers",
    "kiestoon.portal.numbers",
    "kiestoon.portal.people",
    "kiestoon.portal.publication",
    "kiestoon.portal.calls",
    "kiestoon.portal.pages",
    "kiestoon.portal.security",
    "kiestoon.portal.softphone",
    "kiestoon.portal.demo",
    "kiestoon.portal.tenancy",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kiestoon.portal.content_policy.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kiestoon.portal.tenancy.middleware.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
FORM_RENDERER = "kiestoon.portal.pages.forms.FormRenderer"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "kiestoon",
        "HOST": str(RUN),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}
LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "loaders": [
                ("template_partials.loader.Loader", [("django.template.loaders.cached.Loader", LOADERS)])
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kiestoon.portal.pages.rooms.rooms",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
BUNDLE = Path(sys.prefix) / "share" / "kiestoon" / "softphone"
"""The softphone, which ./run builds into the virtual environment."""
STATICFILES_DIRS = [HERE / "static", *([("softphone", BUNDLE)] if BUNDLE.is_dir() else [])]
PHONE_WS_URL = os.environ.get("KIESTOON_PHONE_WS_URL", "ws://localhost:8080")
"""Where the softphone registers: loopback in the demo, elsewhere wss:// with a certificate browsers know."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
LANGUAGES = [("nl", "Nederlands"), ("fr", "Français"), ("de", "Deutsch"), ("en", "English")]
LANGUAGE_CODE = "en"
LOCALE_PATHS = [STATE / "locale"]
"""Compiled from locale/*.po of the source by the command `assets`, which ./run gives."""
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 1, "delete_jobs": "successful"}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kiestoon.vocabulary.log_line.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Every request has its line (health.requests); these come besides, for what is refused.
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
    },
}
