"""The portal's settings for tests: its state in a temporary folder, so that a stack's is never touched."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from kiestoon.portal.translations import compile_translations

_folder = tempfile.mkdtemp(prefix="kiestoon-portal-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_kept = {name: os.environ.get(name) for name in ("KIESTOON_STATE", "KIESTOON_RUN")}
os.environ.update(dict.fromkeys(_kept, _folder))
try:
    from kiestoon.portal.settings import *  # noqa: F403
finally:
    for _name, _value in _kept.items():
        if _value is None:
            del os.environ[_name]
        else:
            os.environ[_name] = _value

OPERATOR_NAME = "Kiestoon Demo"
NUMBER_DATABASE_URL = "http://127.0.0.1:1"
"""Where nothing is: tests give their own."""
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Fast: tests sign in often."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
Path(_folder, "static").mkdir()  # whitenoise warns when there is none
compile_translations(LOCALE_PATHS[0])  # noqa: F405
