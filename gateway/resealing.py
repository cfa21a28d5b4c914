"""`warp-numbers reseal`: after a new SECRETS_KEY was put in front, so that the old one can go."""

from db import resealing
from db.engine import Database
from db.resealing import Resealed
from db.vault import VaultError
from gateway.equipment import vault_of
from gateway.settings import Settings, SettingsUnusable, required

# A document of ten megabytes, written back, may take its time.
STATEMENT_SECONDS = 60


async def reseal(settings: Settings) -> Resealed:
    """Seal everything again under the first key. Raises SettingsUnusable where no key opens a row.

    What was done until then stays done.
    """
    vault = vault_of(settings)
    if vault is None:
        raise SettingsUnusable("Set SECRETS_KEY: <new>,<old>")
    url = required("WORKER_DATABASE_URL", settings.worker_database_url)
    database = Database.connect(
        url,
        pool_size=1,
        application_name="warp-reseal",
        statement_timeout_ms=STATEMENT_SECONDS * 1000,
    )
    try:
        return await resealing.reseal(database, vault)
    except VaultError:
        raise SettingsUnusable(
            "SECRETS_KEY: a secret of the database is opened by none of these keys. "
            "Add the key that was in use before."
        ) from None
    finally:
        await database.close()
