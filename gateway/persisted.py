"""Automatic persisted queries: a client sends the hash of a query it sent before.

Apollo's protocol, version 1. The store is bounded and in this process's memory: after a restart,
or on another process, the client is told PERSISTED_QUERY_NOT_FOUND and sends the text once more.
"""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import replace

from gateway.bodies import GraphRequest
from schema.faults import Code, Fault

CAPACITY = 1000
MAX_LENGTH = 40_000


class PersistedQueries:
    """The latest queries by SHA-256; at most 1 000 of 40 000 characters."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._texts: OrderedDict[str, str] = OrderedDict()

    def completed(self, request: GraphRequest) -> GraphRequest:
        """The request with its query text.

        Raises Fault: PERSISTED_QUERY_NOT_FOUND for an unknown hash, BAD_USER_INPUT for a hash
        that is not the text's, or an extension in another form.
        """
        asked = (request.extensions or {}).get("persistedQuery")
        if asked is None:
            return request
        digest = _digest_asked(asked)
        if request.query:
            self._learn(digest, request.query)
            return request
        if digest not in self._texts:
            # Apollo clients look for this message, word for word.
            raise Fault(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        self._texts.move_to_end(digest)
        return replace(request, query=self._texts[digest])

    def _learn(self, digest: str, text: str) -> None:
        if not hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), digest):
            raise Fault(Code.BAD_USER_INPUT, "The sha256Hash is not that of the query.")
        if len(text) > MAX_LENGTH:
            return
        self._texts[digest] = text
        self._texts.move_to_end(digest)
        if len(self._texts) > self._capacity:
            self._texts.popitem(last=False)


def _digest_asked(asked: object) -> str:
    if isinstance(asked, dict) and asked.get("version") == 1:
        digest = asked.get("sha256Hash")
        if isinstance(digest, str) and digest.isascii():
            return digest.lower()
    raise Fault(Code.BAD_USER_INPUT, "persistedQuery needs version 1 and a sha256Hash.")
