"""Pages ask nothing of another host, and vendored files come with their licence."""

from __future__ import annotations

import re
from pathlib import Path

from kiestoon.portal import settings

PORTAL = Path(settings.__file__).parent
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|@import""")
# A script of type application/json is data, which the policy lets through and no browser runs.
INLINE = re.compile(
    r"""<style|<script(?![^>]*(?:\bsrc=|type="application/json"))|\sstyle=|\son\w+=""", re.IGNORECASE
)


def test_templates_and_styles_name_no_other_host() -> None:
    files = [*PORTAL.rglob("*.html"), *PORTAL.rglob("*.css"), *PORTAL.rglob("*.js")]
    assert len(files) > 5
    assert [file.name for file in files if ELSEWHERE.search(file.read_text())] == []


def test_templates_have_no_inline_style_or_script() -> None:
    assert [file.name for file in PORTAL.rglob("*.html") if INLINE.search(file.read_text())] == []


def test_each_vendored_folder_has_its_licence() -> None:
    folders = [path for path in (PORTAL / "static" / "vendor").iterdir() if path.is_dir()]
    assert folders
    assert all((folder / "LICENSE").exists() for folder in folders)
