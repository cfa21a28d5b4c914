"""A mail server on a socket, which keeps what it takes and refuses what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailServer:
    """Answers with `replies` in turn, by command, and then with success.

    `replies["DATA."]` is the answer to a letter itself; an empty text hangs up without one.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    replies: dict[str, list[str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """What `SmtpPost` takes."""
        return f"smtp://127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            await self._greet(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ESMTP\r\n")
        while line := (await reader.readline()).decode().strip():
            command = line.split(" ", 1)[0].upper()
            self.said.append(command)
            answer = self._answer(command, {"DATA": "354 go on", "QUIT": "221 bye"})
            if not answer:
                return
            writer.write(f"{answer}\r\n".encode())
            if command == "RCPT" and answer.startswith("250"):
                self.recipients.append(line.partition("<")[2].rstrip(">"))
            if command == "DATA" and answer.startswith("354"):
                content = await reader.readuntil(b"\r\n.\r\n")
                if not (taken := self._answer("DATA.", {})):
                    return
                if taken.startswith("250"):
                    self.letters.append(message_from_bytes(content[:-5], policy=default))
                writer.write(f"{taken}\r\n".encode())

    def _answer(self, command: str, usual: dict[str, str]) -> str:
        planned = self.replies.get(command)
        return planned.pop(0) if planned else usual.get(command, "250 fine")


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A server on a free port."""
    server = MailServer()
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
