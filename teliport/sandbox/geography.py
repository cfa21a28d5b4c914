"""The markets of `markets.toml`, read into places that blocks of numbers belong to."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("markets.toml")


@dataclass(frozen=True, slots=True)
class Locale:
    """Where a block of numbers is: a rate centre of a market. Toll-free blocks have no place."""

    market: str
    npas: tuple[str, ...]
    state: str | None = None
    lata: int | None = None
    lata_name: str | None = None
    rate_center: str | None = None
    locality: str | None = None
    zone: str | None = None
    region: str | None = None
    # How many blocks each NPA has here.
    blocks: int = 1


ELSEWHERE = Locale(market="Elsewhere", npas=(), zone="America/New_York")
"""The place of numbers of an area code that the table does not have."""


@dataclass(frozen=True, slots=True)
class FixedBlock:
    """Numbers that exist and are AVAILABLE whatever the seed: those of the written examples."""

    locale: Locale
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Geography:
    """All rate centres, in the order of the table, and the fixed blocks."""

    locales: tuple[Locale, ...]
    fixed: tuple[FixedBlock, ...]


def _locales(market: dict[str, Any]) -> list[Locale]:
    npas = tuple(market["npas"])
    if "rate_centers" not in market:
        return [Locale(market=market["name"], npas=npas, blocks=market["blocks"])]
    return [_locale(market, npas, text) for text in market["rate_centers"]]


def _locale(market: dict[str, Any], npas: tuple[str, ...], text: str) -> Locale:
    rate_center, _, locality = text.partition("=")
    return Locale(
        market=market["name"],
        npas=npas,
        state=market["state"],
        lata=market["lata"],
        lata_name=market["lata_name"],
        rate_center=rate_center,
        locality=locality or rate_center,
        zone=market["zone"],
        region=market["region"],
    )


@cache
def geography() -> Geography:
    """The table, read once."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    locales = tuple(locale for market in table["market"] for locale in _locales(market))
    first_of = {locale.market: locale for locale in reversed(locales)}
    fixed = tuple(
        FixedBlock(first_of[entry["market"]], int(entry["first"]), entry["count"])
        for entry in table["fixed"]
    )
    return Geography(locales, fixed)


@cache
def _by_npa() -> dict[str, Locale]:
    fixed = {str(block.first)[:3]: block.locale for block in geography().fixed}
    table = geography().locales
    return fixed | {npa: locale for locale in reversed(table) for npa in locale.npas}


def locale_of(tn: str) -> Locale:
    """Where a number is that belongs to no block: the first rate centre of its area code."""
    return _by_npa().get(tn[:3], ELSEWHERE)
