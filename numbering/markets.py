"""Neighbourhoods of the numbering plan: which area codes and rate centres lie side by side.

An area is a set of overlaid codes, which serve the same streets. Compiled by hand from NANPA's
public overlay and relief records; rate centres are the ten-letter names of the industry's
databases. Areas that are missing simply have no neighbours.
"""

from dataclasses import dataclass

from numbering.area_codes import TOLL_FREE


@dataclass(frozen=True, slots=True)
class Area:
    """Overlaid area codes of one state; toll-free codes have no state and no rate centres."""

    name: str
    state: str | None
    npas: tuple[str, ...]
    rate_centers: tuple[str, ...] = ()


def _area(name: str, state: str, npas: str, rate_centers: str = "") -> Area:
    centers = tuple(each.strip() for each in rate_centers.split(",") if each.strip())
    return Area(name, state, tuple(npas.split()), centers)


AREAS: tuple[Area, ...] = (
    _area(
        "Denver",
        "CO",
        "303 720 983",
        "DENVER, DENVERSLVN, DENVERSOUW, DENVERNOE, BOULDER, GOLDEN, LONGMONT, PARKER",
    ),
    _area("Northern Colorado", "CO", "970 748", "FORTCOLLIN, GREELEY, LOVELAND, VAIL"),
    _area("Colorado Springs", "CO", "719", "COLRDOSPGS, PUEBLO, CANON CITY"),
    _area("Manhattan", "NY", "212 646 332 917", "NWYRCYZN01"),
    _area(
        "New York boroughs",
        "NY",
        "718 347 929 465",
        "NWYRCYZN02, NWYRCYZN08, NWYRCYZN06, NWYRCYZN15",
    ),
    _area("Jersey City", "NJ", "201 551", "JERSEYCITY, HACKENSACK"),
    _area("Newark", "NJ", "973 862", "NEWARK, MORRISTOWN, PATERSON"),
    _area("Boston", "MA", "617 857", "BOSTON, CAMBRIDGE, QUINCY, NEWTON"),
    _area("Boston suburbs", "MA", "781 339"),
    _area("Philadelphia", "PA", "215 267 445", "PHILA, DOYLESTOWN, LANSDALE"),
    _area("Philadelphia suburbs", "PA", "610 484 835"),
    _area("Pittsburgh", "PA", "412 878", "PITTSBURGH, MCKEESPORT"),
    _area("Washington", "DC", "202 771", "WSHNGTNZN1"),
    _area("Northern Virginia", "VA", "703 571"),
    _area("Western Maryland", "MD", "301 240 227"),
    _area("Baltimore", "MD", "410 443 667", "BALTIMORE, ANNAPOLIS, TOWSON"),
    _area("Charlotte", "NC", "704 980", "CHARLOTTE, CONCORD, GASTONIA"),
    _area("Atlanta", "GA", "404 678 470 943", "ATLANTA"),
    _area("Atlanta suburbs", "GA", "770", "MARIETTA, ROSWELL, LAWRENCEVL"),
    _area("Miami", "FL", "305 786 645", "MIAMI, NORTH DADE, HOMESTEAD"),
    _area("Fort Lauderdale", "FL", "954 754"),
    _area("Orlando", "FL", "407 689", "ORLANDO, KISSIMMEE, SANFORD"),
    _area("Tampa", "FL", "813 656", "TAMPA, PLANT CITY"),
    _area("Nashville", "TN", "615 629", "NASHVILLE, FRANKLIN, MURFREESBO"),
    _area("New Orleans", "LA", "504", "NEWORLEANS"),
    _area("Chicago", "IL", "312 872 773", "CHICAGOZ01, CHICAGOZ03, CHICAGOZ06"),
    _area("Naperville", "IL", "630 331", "NAPERVILLE, AURORA, WHEATON"),
    _area("Evanston", "IL", "847 224", "EVANSTON, ELGIN"),
    _area("Detroit", "MI", "313 679", "DETROITZN1, DEARBORN"),
    _area("Oakland County", "MI", "248 947"),
    _area("Ann Arbor", "MI", "734"),
    _area("Columbus", "OH", "614 380", "COLUMBUS, DUBLIN, WESTERVL"),
    _area("Indianapolis", "IN", "317 463", "INDIANAPLS, CARMEL, FISHERS"),
    _area("Minneapolis", "MN", "612", "TWINCITIES"),
    _area("St. Paul", "MN", "651", "TWINCITIES"),
    _area("Brooklyn Park", "MN", "763"),
    _area("Bloomington", "MN", "952"),
    _area("Kansas City", "MO", "816 975", "KANSASCITY, INDEPENDNC"),
    _area("Kansas City", "KS", "913"),
    _area("St. Louis", "MO", "314 557", "SAINTLOUIS, CLAYTON"),
    _area("Dallas", "TX", "214 469 972 945", "DALLAS, PLANO, IRVING, GARLAND"),
    _area("Fort Worth", "TX", "817 682"),
    _area("Houston", "TX", "713 281 832 346 621", "HOUSTON, PASADENA, SUGAR LAND"),
    _area("Austin", "TX", "512 737", "AUSTIN, ROUND ROCK, GEORGETOWN"),
    _area("San Antonio", "TX", "210 726", "SANANTONIO"),
    _area("El Paso", "TX", "915", "EL PASO"),
    _area("Salt Lake City", "UT", "801 385", "SALT LAKE, OGDEN, PROVO"),
    _area("Phoenix", "AZ", "602 480 623", "PHOENIX"),
    _area("Tucson", "AZ", "520", "TUCSON"),
    _area("Las Vegas", "NV", "702 725", "LAS VEGAS, BOULDER CY"),
    _area("Los Angeles", "CA", "213 323 738", "LSAN DA 01, LSAN DA 07, LSAN DA 13"),
    _area("West Los Angeles", "CA", "310 424"),
    _area("San Fernando Valley", "CA", "818 747"),
    _area("Pasadena", "CA", "626"),
    _area("San Diego", "CA", "619 858", "SNDG SNDG, CHULAVISTA, EL CAJON"),
    _area("San Francisco", "CA", "415 628", "SNFC CNTRL, SAN RAFAEL, SAUSALITO"),
    _area("Oakland", "CA", "510 341"),
    _area("San Mateo", "CA", "650"),
    _area("Sacramento", "CA", "916 279", "SCRM MAIN, ROSEVILLE, FOLSOM"),
    _area("Portland", "OR", "503 971", "PORTLAND, BEAVERTON, SALEM"),
    _area("Seattle", "WA", "206", "SEATTLE"),
    _area("Bellevue", "WA", "425", "BELLEVUE, EVERETT, RENTON"),
    _area("Tacoma", "WA", "253", "TACOMA, AUBURN, KENT"),
    _area("Anchorage", "AK", "907", "ANCHORAGE, FAIRBANKS, JUNEAU"),
    _area("Honolulu", "HI", "808", "HONOLULU, HILO"),
    # 800 first: it is what people ask for.
    Area("toll-free", None, tuple(sorted(TOLL_FREE, key=lambda npa: (npa != "800", -int(npa))))),
)

# Each line: areas that border on each other, by one code of each.
_BORDERS = (
    "303 970",
    "303 719",
    "970 719",
    "212 718",
    "212 201",
    "718 201",
    "201 973",
    "617 781",
    "215 610",
    "202 703",
    "202 301",
    "703 301",
    "301 410",
    "404 770",
    "305 954",
    "407 813",
    "312 630",
    "312 847",
    "630 847",
    "313 248",
    "313 734",
    "248 734",
    "612 651",
    "612 763",
    "612 952",
    "651 763",
    "651 952",
    "763 952",
    "816 913",
    "214 817",
    "512 210",
    "602 520",
    "213 310",
    "213 818",
    "213 626",
    "310 818",
    "818 626",
    "415 510",
    "415 650",
    "510 650",
    "206 425",
    "206 253",
    "425 253",
)

_AREA_OF = {npa: area for area in AREAS for npa in area.npas}


def place_name(npa: str) -> str:
    """What people call the area of a code, e.g. "Denver CO"; KeyError if it is not in the table."""
    area = _AREA_OF[npa]
    return f"{area.name} {area.state or ''}".rstrip()


def _bordering(area: Area) -> list[Area]:
    found = []
    for left, right in (map(_AREA_OF.__getitem__, border.split()) for border in _BORDERS):
        if area in (left, right):
            found.append(right if area is left else left)
    return found


def neighbours(npa: str) -> tuple[str, ...]:
    """Other codes nearby: those overlaid on this one first, then those of the areas around."""
    area = _AREA_OF.get(npa)
    if area is None:
        return ()
    nearby = [area, *_bordering(area)]
    return tuple(each for near in nearby for each in near.npas if each != npa)


def neighbouring_rate_centers(rate_center: str, state: str) -> tuple[str, ...]:
    """Other rate centres of the same area, then of the areas around within the state."""
    wanted = rate_center.strip().upper()
    home = [a for a in AREAS if a.state == state.upper() and wanted in a.rate_centers]
    around = [near for area in home for near in _bordering(area) if near.state == area.state]
    names = (name for area in (*home, *around) for name in area.rate_centers)
    return tuple(name for name in dict.fromkeys(names) if name != wanted)
