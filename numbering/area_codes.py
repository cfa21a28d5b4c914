"""Area codes as tables: toll-free, foreign, and for each US code its state and time zone.

Compiled by hand from the public assignments of NANPA. A code that is missing here is not refused,
as new ones open several times a year; it merely has no state and no zone. The zone of a code is
that of most of its people: some codes span two (research/domain.md 4.4).
"""

TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
"""In service. 822 and the rest of 88X are reserved for later (research/domain.md 4.1)."""

RESERVED_TOLL_FREE = frozenset({"822", *(f"88{n}" for n in (0, 1, 2, 3, 4, 5, 6, 7, 9))})

_EASTERN = "America/New_York"
_CENTRAL = "America/Chicago"
_MOUNTAIN = "America/Denver"
_PACIFIC = "America/Los_Angeles"

_STATES: tuple[tuple[str, str, str], ...] = (
    ("AK", "America/Anchorage", "907"),
    ("AL", _CENTRAL, "205 251 256 334 659 938"),
    ("AR", _CENTRAL, "327 479 501 870"),
    ("AS", "Pacific/Pago_Pago", "684"),
    ("AZ", "America/Phoenix", "480 520 602 623 928"),
    (
        "CA",
        _PACIFIC,
        "209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657"
        " 661 669 707 714 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951",
    ),
    ("CO", _MOUNTAIN, "303 719 720 748 970 983"),
    ("CT", _EASTERN, "203 475 860 959"),
    ("DC", _EASTERN, "202 771"),
    ("DE", _EASTERN, "302"),
    (
        "FL",
        _EASTERN,
        "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941"
        " 954",
    ),
    ("GA", _EASTERN, "229 404 470 478 678 706 762 770 912 943"),
    ("GU", "Pacific/Guam", "671"),
    ("HI", "Pacific/Honolulu", "808"),
    ("IA", _CENTRAL, "319 515 563 641 712"),
    ("ID", "America/Boise", "208 986"),
    ("IL", _CENTRAL, "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872"),
    ("IN", "America/Indiana/Indianapolis", "219 260 317 463 574 765 812 930"),
    ("KS", _CENTRAL, "316 620 785 913"),
    ("KY", _EASTERN, "270 364 502 606 859"),
    ("LA", _CENTRAL, "225 318 337 457 504 985"),
    ("MA", _EASTERN, "339 351 413 508 617 774 781 857 978"),
    ("MD", _EASTERN, "227 240 301 410 443 667"),
    ("ME", _EASTERN, "207"),
    ("MI", "America/Detroit", "231 248 269 313 517 586 616 679 734 810 906 947 989"),
    ("MN", _CENTRAL, "218 320 507 612 651 763 924 952"),
    ("MO", _CENTRAL, "235 314 417 557 573 636 660 816 975"),
    ("MP", "Pacific/Saipan", "670"),
    ("MS", _CENTRAL, "228 471 601 662 769"),
    ("MT", _MOUNTAIN, "406"),
    ("NC", _EASTERN, "252 336 472 704 743 828 910 919 980 984"),
    ("ND", _CENTRAL, "701"),
    ("NE", _CENTRAL, "308 402 531"),
    ("NH", _EASTERN, "603"),
    ("NJ", _EASTERN, "201 551 609 640 732 848 856 862 908 973"),
    ("NM", _MOUNTAIN, "505 575"),
    ("NV", _PACIFIC, "702 725 775"),
    (
        "NY",
        _EASTERN,
        "212 315 329 332 347 363 465 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929"
        " 934",
    ),
    ("OH", _EASTERN, "216 220 234 283 326 330 380 419 436 440 513 567 614 740 937"),
    ("OK", _CENTRAL, "405 539 572 580 918"),
    ("OR", _PACIFIC, "458 503 541 971"),
    ("PA", _EASTERN, "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878"),
    ("PR", "America/Puerto_Rico", "787 939"),
    ("RI", _EASTERN, "401"),
    ("SC", _EASTERN, "803 821 839 843 854 864"),
    ("SD", _CENTRAL, "605"),
    ("TN", _CENTRAL, "423 615 629 731 865 901 931"),
    (
        "TX",
        _CENTRAL,
        "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903"
        " 915 936 940 945 956 972 979",
    ),
    ("UT", _MOUNTAIN, "385 435 801"),
    ("VA", _EASTERN, "276 434 540 571 686 703 757 804 826 948"),
    ("VI", "America/St_Thomas", "340"),
    ("VT", _EASTERN, "802"),
    ("WA", _PACIFIC, "206 253 360 425 509 564"),
    ("WI", _CENTRAL, "262 274 353 414 534 608 715 920"),
    ("WV", _EASTERN, "304 681"),
    ("WY", _MOUNTAIN, "307"),
)

_ZONE_EXCEPTIONS = {
    "219": _CENTRAL,  # north-west Indiana keeps Chicago's time
    "270": _CENTRAL,  # western Kentucky
    "364": _CENTRAL,
    "423": _EASTERN,  # eastern Tennessee
    "448": _CENTRAL,  # the Florida panhandle
    "850": _CENTRAL,
    "865": _EASTERN,
    "915": _MOUNTAIN,  # El Paso
}

STATES = frozenset(state for state, _, _ in _STATES)
"""Every state and territory that has an area code, as two capital letters."""

_STATE_OF = {npa: state for state, _, npas in _STATES for npa in npas.split()}
_ZONE_OF = {npa: zone for _, zone, npas in _STATES for npa in npas.split()} | _ZONE_EXCEPTIONS

_FOREIGN = {
    "Canada": (
        "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437"
        " 438 450 468 474 506 514 519 548 579 581 584 587 600 604 613 622 639 647 672 683 705 709"
        " 742 753 778 780 782 807 819 825 867 873 879 902 905 942"
    ),
    "Anguilla": "264",
    "Antigua and Barbuda": "268",
    "the Bahamas": "242",
    "Barbados": "246",
    "Bermuda": "441",
    "the British Virgin Islands": "284",
    "the Cayman Islands": "345",
    "Dominica": "767",
    "the Dominican Republic": "809 829 849",
    "Grenada": "473",
    "Jamaica": "658 876",
    "Montserrat": "664",
    "Saint Kitts and Nevis": "869",
    "Saint Lucia": "758",
    "Saint Vincent and the Grenadines": "784",
    "Sint Maarten": "721",
    "Trinidad and Tobago": "868",
    "the Turks and Caicos Islands": "649",
}

FOREIGN = {npa: country for country, npas in _FOREIGN.items() for npa in npas.split()}
"""Codes that share +1 but not the country: valid numbers, which this carrier does not have."""


def state_of(npa: str) -> str | None:
    """The state or territory of a local area code, None if it is not known."""
    return _STATE_OF.get(npa)


def zone_of(npa: str) -> str | None:
    """The IANA zone of a local area code, None if it is not known (toll-free has none)."""
    return _ZONE_OF.get(npa)
