"""What the settings make of secrets and addresses: vault, links, webhook secrets, post.

Each raises SettingsUnusable that names the setting and never shows its value.
"""

from db.vault import Vault, VaultError
from gateway.links import DocumentLinks
from gateway.settings import Settings, SettingsUnusable, listed
from teliport import webhooks
from workflows.mail import FilePost, LogPost, Post, SmtpPost

MAKE_KEY = "openssl rand -base64 32 | tr '+/' '-_'"


def vault_of(settings: Settings) -> Vault | None:
    """The vault of SECRETS_KEY; None for a developer's machine without one."""
    keys = listed(settings.secrets_key)
    if not keys and settings.development:
        return None
    if not keys:
        raise SettingsUnusable(f"Set SECRETS_KEY; one key is made by: {MAKE_KEY}")
    for position, key in enumerate(keys, start=1):
        try:
            Vault([key])
        except VaultError:
            raise SettingsUnusable(
                f"SECRETS_KEY: key {position} of {len(keys)} is not 32 bytes in base64url; "
                f"one is made by: {MAKE_KEY}"
            ) from None
    return Vault(keys)


def webhook_secrets_of(settings: Settings) -> tuple[str, ...]:
    """What the carrier may sign with, newest first; without any, every webhook is refused."""
    secrets = listed(settings.teliport_webhook_secrets)
    for position, secret in enumerate(secrets, start=1):
        if not webhooks.usable(secret):
            raise SettingsUnusable(
                f"TELIPORT_WEBHOOK_SECRETS: secret {position} of {len(secrets)} is shorter than "
                f"{webhooks.SHORTEST_SECRET} bytes, or no base64 after its whsec_"
            )
    return secrets


def links_of(settings: Settings) -> DocumentLinks | None:
    """Who makes and judges links to documents; None without a key to sign them with."""
    keys = listed(settings.secrets_key)
    return DocumentLinks(settings.public_base, keys) if keys else None


def post_of(settings: Settings) -> Post:
    """The way out for letters: SMTP if there is a server, else files or the log."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        kind, _, directory = settings.mail_sink.partition(":")
        return FilePost(directory, settings.mail_from) if kind == "file" else LogPost()
    try:
        return SmtpPost(url, settings.mail_from)
    except ValueError:
        raise SettingsUnusable(
            "SMTP_URL must be smtp://user:password@host:587?starttls=1 or smtps://…, and "
            "MAIL_FROM a name and an address: WARP Numbers <numbers@…>"
        ) from None
