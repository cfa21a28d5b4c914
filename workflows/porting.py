"""What people ask for about ports, under one name for the floor above; see each file for how.

Each accepts intent in one transaction; those that ask the carrier for a decision wait a while for
it. Lawful noes come back as `Accepted.refusals`, but `lint` raises FileRefused: it accepts nothing.
"""

from __future__ import annotations

from workflows.notice_settings import set_notice_preferences
from workflows.port_activating import activate
from workflows.port_calling_off import cancel
from workflows.port_comments import comment
from workflows.port_documents import upload_document
from workflows.port_editing import change_numbers, remove_numbers, revalidate
from workflows.port_files import UploadAnswer, lint, upload
from workflows.port_fixes import FieldChange, FixAnswer, apply_fixes
from workflows.port_projects import create, update
from workflows.port_submission import submit

__all__ = [
    "FieldChange",
    "FixAnswer",
    "UploadAnswer",
    "activate",
    "apply_fixes",
    "cancel",
    "change_numbers",
    "comment",
    "create",
    "lint",
    "remove_numbers",
    "revalidate",
    "set_notice_preferences",
    "submit",
    "update",
    "upload",
    "upload_document",
]
