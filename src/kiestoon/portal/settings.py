"""Django settings. What differs between machines comes from KIESTOON_* (docs/architecture.md)."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

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
EDGE_RPC = RUN / "edge-rpc.sock"
"""Where the edge takes commands: a device to be taken off."""


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
PORTAL_URL = os.environ.get("KIESTOON_PORTAL_URL", "http://localhost:8000")
"""Where browsers find the portal; a passkey belongs to this host name for good."""
_PORTAL = urlsplit(PORTAL_URL)
IS_PLAIN_LOCALHOST = (_PORTAL.scheme, _PORTAL.hostname) == ("http", "localhost")
"""The demo: browsers count http://localhost as safe, and nothing else without TLS."""
ALLOWED_HOSTS = list(dict.fromkeys([_PORTAL.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]))
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
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "kiestoon.portal.customers",
    "kiestoon.portal.phones",
    "kiestoon.portal.carriers",
    "kiestoon.portal.numbers",
    "kiestoon.portal.people",
    "kiestoon.portal.identity",
    "kiestoon.portal.audit",
    "kiestoon.portal.publication",
    "kiestoon.portal.calls",
    "kiestoon.portal.idempotency",
    "kiestoon.portal.webhooks",
    "kiestoon.portal.health",
    "kiestoon.portal.compliance",
    "kiestoon.portal.emergency_routes",
    "kiestoon.portal.emergency_drills",
    "kiestoon.portal.pages",
    "kiestoon.portal.security",
    "kiestoon.portal.softphone",
    "kiestoon.portal.emergency",
    "kiestoon.portal.notices",
    "kiestoon.portal.number_database",
    "kiestoon.portal.emergency_log",
    "kiestoon.portal.number_counts",
    "kiestoon.portal.malicious_calls",
    "kiestoon.portal.demo",
    "kiestoon.portal.tenancy",
]
MIDDLEWARE = [
    "kiestoon.portal.health.requests.RequestsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kiestoon.portal.content_policy.ContentPolicyMiddleware",
    "kiestoon.portal.api_gate.ApiGate",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kiestoon.portal.tenancy.middleware.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kiestoon.portal.identity.middleware.SessionAgeMiddleware",
    "kiestoon.portal.identity.middleware.SecondFactorMiddleware",
    "kiestoon.portal.audit.middleware.AuditMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kiestoon.portal.idempotency.middleware.IdempotencyMiddleware",
]
FORM_RENDERER = "kiestoon.portal.pages.forms.FormRenderer"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "kiestoon",
        "HOST": str(RUN),
        "OPTIONS": {"connect_timeout": 5},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}
"""Shared by all processes of the portal: a one-time code used in one is used in all."""
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
WEBHOOK_NETWORKS = tuple(
    ip_network(one.strip())
    for one in os.environ.get("KIESTOON_WEBHOOK_NETWORKS", "").split(",")
    if one.strip()
)
"""Networks that are not public and may receive webhooks all the same, without TLS too; the demo: loopback."""
WEBHOOK_DISABLE_DAYS = int(os.environ.get("KIESTOON_WEBHOOK_DISABLE_DAYS") or 5)
"""An endpoint that has failed for so long is switched off."""
OPERATOR_NAME = os.environ.get("KIESTOON_OPERATOR_NAME", "Kiestoon")
"""The operator's name as customers, the number database and mails have it."""
NUMBER_DATABASE_URL = os.environ.get("KIESTOON_NUMBER_DATABASE_URL", "")
"""Where the central number database takes our feed; "": to none, and its page says so."""
MAIL_SERVER = os.environ.get("KIESTOON_MAIL_SERVER", "")
"""host:port of the operator's mail server; "": no mail is sent, and what waits goes on waiting."""
MAIL_SECURITY = os.environ.get("KIESTOON_MAIL_SECURITY", "")
""""tls", "starttls", or "" on this machine."""
MAIL_FROM = os.environ.get("KIESTOON_MAIL_FROM", "noreply@localhost")
PHONE_SIP_SERVER = os.environ.get("KIESTOON_PHONE_SIP_SERVER", "127.0.0.1")
"""Where phones are told to send to; "" where the SIP domain's DNS leads to the edge."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
]
SECOND_FACTOR_ROLES = ("support", "network", "compliance", "finance", "admin")
"""Roles that set up a second factor before they see any other page; everybody else may."""
SESSION_AGES = {
    "operator": (timedelta(hours=12), timedelta(hours=1)),
    "customer": (timedelta(days=30), timedelta(days=7)),
}
"""How long a sign-in lasts at most, and without use, for operator staff and for customers' people."""
SESSION_COOKIE_AGE = int(max(longest for longest, _ in SESSION_AGES.values()).total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IS_PLAIN_LOCALHOST
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("KIESTOON_TRUSTED_PROXIES", "0"))
"""How many proxies in front of the portal may say where a browser is (X-Forwarded-For)."""
ACCOUNT_ADAPTER = "kiestoon.portal.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False
"""Guessing is slowed by identity.limits, which every process shares and which lets the owner in."""
ACCOUNT_FORMS = {
    "login": "kiestoon.portal.identity.forms.SignInForm",
    "reauthenticate": "kiestoon.portal.identity.forms.PasswordAgainForm",
    "change_password": "kiestoon.portal.identity.forms.ChangePasswordForm",
}
MFA_ADAPTER = "kiestoon.portal.identity.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_PLAIN_LOCALHOST
MFA_TOTP_ISSUER = "Kiestoon"
MFA_TOTP_TOLERANCE = 1
"""RFC 6238, section 5.2: one step for the time a person needs to type; a code is good once."""
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""There are no mail addresses to verify, and their table is closed to the portal."""
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "kiestoon.portal.identity.forms.CodeForm",
    "reauthenticate": "kiestoon.portal.identity.forms.CodeAgainForm",
    "activate_totp": "kiestoon.portal.identity.forms.AuthenticatorForm",
    "add_webauthn": "kiestoon.portal.identity.forms.PasskeyForm",
    "login_webauthn": "kiestoon.portal.identity.forms.PasskeyAloneForm",
    "authenticate_webauthn": "kiestoon.portal.identity.forms.PasskeyStepForm",
    "reauthenticate_webauthn": "kiestoon.portal.identity.forms.PasskeyAgainForm",
}
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
