"""The five mutations on numbers, under one name for the floor above.

Each accepts intent in one transaction and then waits a while for its outcome (decisions 1). Lawful
noes come back as `Accepted.refusals`; what is raised is a fault.
"""

from __future__ import annotations

from workflows.assigning import assign
from workflows.configuring import update as update_dids
from workflows.holds import release as release_reservation
from workflows.holds import reserve
from workflows.releasing import release as release_dids

__all__ = ["assign", "release_dids", "release_reservation", "reserve", "update_dids"]
