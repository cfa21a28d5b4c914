"""What people write to each other about a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_history
from numbering.actors import Actor
from numbering.refusals import LimitExceeded
from workflows import accepting, port_access, requested
from workflows.accepted import Accepted
from workflows.port_commands import AddPortComment

if TYPE_CHECKING:
    from workflows.wiring import Services

LONGEST_COMMENT = 4000


async def comment(services: Services, actor: Actor, command: AddPortComment) -> Accepted:
    """Keep a comment, in any state of the project."""

    async def work(session: AsyncSession) -> Accepted:
        lines = command.text.strip().splitlines()
        tidy = [requested.text(line, LONGEST_COMMENT, "text") for line in lines]
        text = "\n".join(tidy)
        # Once more as a whole: for its length, and because there has to be something.
        requested.text(text.replace("\n", " "), LONGEST_COMMENT, "text", required=True)
        project = await port_access.found(session, command.project_id)
        most = services.port_limits.max_comments
        if await port_history.comments_count(session, project.id) >= most:
            message = f"A project has at most {most} comments. Write to us by e-mail."
            raise LimitExceeded(most, message=message, path=port_access.PATH)
        await port_history.comment(
            session, project, author=actor.display, author_is_staff=actor.is_staff, text=text
        )
        return port_access.accepted(project)

    return await accepting.once(services, actor, "addPortComment", command, work)
