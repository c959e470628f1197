"""Every address of the portal that shows a page, found in Django's resolver: none can be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

NOT_PAGES = ("api/",)
"""What begins like this is for programs."""


@dataclass(frozen=True)
class Route:
    """One pattern of the resolver; `name` with its namespaces, or its address when it has no name."""

    name: str
    parameters: tuple[str, ...]
    has_language: bool

    def __str__(self) -> str:
        return self.name


def routes() -> list[Route]:
    """All of them, those for programs left out."""
    return list(_below(get_resolver(), "", "", (), False))


def _below(
    resolver: URLResolver, address: str, names: str, parameters: tuple[str, ...], has_language: bool
) -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = one.pattern
        own = "" if isinstance(pattern, LocalePrefixPattern) else str(pattern)
        language = has_language or isinstance(pattern, LocalePrefixPattern)
        found = (*parameters, *getattr(pattern, "converters", {}))
        if (address + own).startswith(NOT_PAGES):
            continue
        if isinstance(one, URLResolver):
            space = f"{names}{one.namespace}:" if one.namespace else names
            yield from _below(one, address + own, space, found, language)
        else:
            assert isinstance(one, URLPattern)
            yield Route(f"{names}{one.name}" if one.name else address + own, found, language)
