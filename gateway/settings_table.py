"""The table of all settings, made from their descriptions, so that it cannot go stale."""

from pydantic import SecretStr

from gateway.settings import Settings

HEAD = """\
# Settings

Every process reads its settings from the environment. `make run` fills in what a developer's
machine needs. This page is printed by `warp-numbers settings`.

| setting | default | meaning |
|---|---|---|"""


def markdown() -> str:
    """The page docs/settings.md."""
    rows = [
        f"| `{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([HEAD, *rows])


def _default(value: object) -> str:
    """A default as one would write it in the environment."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{value}`" if value not in {"", None} else "none"
