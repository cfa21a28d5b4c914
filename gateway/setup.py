"""The first step of a deployment: roles and database, from the URLs that the settings name."""

from pydantic import SecretStr
from sqlalchemy import make_url

from db import roles
from gateway.settings import Settings, SettingsUnusable, required


async def make_roles(settings: Settings) -> None:
    """Make `warp_owner`, `warp_app`, `warp_worker` and their database; again is harmless.

    Passwords and the database's name come from the three roles' URLs. Raises SettingsUnusable
    for a URL that is missing or names another role or database.
    """
    admin = required("ADMIN_DATABASE_URL", settings.admin_database_url)
    owner, database = _named("MIGRATION_DATABASE_URL", settings.migration_database_url, roles.OWNER)
    app, of_app = _named("DATABASE_URL", settings.database_url, roles.APP)
    worker, of_worker = _named("WORKER_DATABASE_URL", settings.worker_database_url, roles.WORKER)
    if {of_app, of_worker} != {database}:
        raise SettingsUnusable("The three database URLs must name the same database.")
    await roles.ensure(admin, database, roles.Passwords(owner=owner, app=app, worker=worker))


def _named(setting: str, value: SecretStr, role: str) -> tuple[str, str]:
    """Password and database of a role's URL."""
    url = make_url(required(setting, value))
    if url.username != role or not url.password or not url.database:
        raise SettingsUnusable(
            f"{setting} must be postgresql://{role}:<password>@<host>/<database>; "
            "the policies name this role."
        )
    return url.password, url.database
