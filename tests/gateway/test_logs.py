"""Log lines: one JSON object each, whoever logs, and no credential in any of them."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs
from gateway.settings import LogFormat

CANARY = "canarycanarycanary"


@pytest.fixture
def restored() -> Iterator[None]:
    """Put the loggers back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("restored")
def test_both_kinds_of_logger_write_json_with_the_request_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("INFO", LogFormat.JSON)
    with structlog.contextvars.bound_contextvars(request_id="abc-123"):
        structlog.get_logger("ours").info("teliport.call", status=200)
        logging.getLogger("theirs").warning("hello %s", "world")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["teliport.call", "hello world"]
    assert {line["request_id"] for line in lines} == {"abc-123"}
    assert lines[0]["status"] == 200


@pytest.mark.usefixtures("restored")
def test_credentials_are_blanked_by_key_and_by_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", LogFormat.JSON)
    log = structlog.get_logger("ours")
    log.info("sent", header=f"Bearer {CANARY}", authorization=CANARY, jwt_secret=CANARY, pin=CANARY)
    log.info("token", url=f"https://x/?t=rng_{CANARY}", account_number=CANARY)
    try:
        raise ValueError(f"Bearer {CANARY}")
    except ValueError:
        log.exception("failed")
    text = capsys.readouterr().err
    assert CANARY not in text
    assert "ValueError" in text


@pytest.mark.usefixtures("restored")
def test_a_person_can_have_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING", LogFormat.CONSOLE)
    structlog.get_logger("ours").info("quiet")
    structlog.get_logger("ours").warning("loud")
    text = capsys.readouterr().err
    assert "loud" in text
    assert "quiet" not in text
