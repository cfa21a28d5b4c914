"""Text that can be kept: no NUL, no lone surrogates, anywhere in what a client sends.

PostgreSQL refuses both, deep inside a statement; here the client learns which argument holds them.
GraphQL's own String cannot be replaced per schema (introspection uses it), so variables are walked
once before execution and literals by a validation rule, which the validation cache keeps.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import StringValueNode, ValidationRule

from schema.faults import Code, Fault

MAX_DEPTH = 32

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def fault_of_text(text: str) -> str | None:
    """What makes this text unfit to be kept, in words; None when it is fit."""
    found = _UNKEEPABLE.search(text)
    if found is None:
        return None
    return "a NUL character" if found[0] == "\x00" else f"a lone surrogate (U+{ord(found[0]):04X})"


def refuse_unkeepable(variables: Mapping[str, Any] | None) -> None:
    """Raises BAD_USER_INPUT naming the first variable (and the path in it) with unfit text."""
    for path, text in _texts(variables or {}, "$", MAX_DEPTH):
        if fault := fault_of_text(text):
            raise _bad(path, fault)


class KeepableText(ValidationRule):
    """The same for text written into the document itself."""

    def enter_string_value(self, node: StringValueNode, *_: object) -> None:
        """Reports an unfit literal."""
        if fault := fault_of_text(node.value):
            self.report_error(_bad("A text in the document", fault, node))


def _texts(value: object, path: str, levels: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping | list):
        if levels == 0:
            raise Fault(
                Code.BAD_USER_INPUT, f"The variables are nested deeper than {MAX_DEPTH} levels."
            )
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield path, str(key)
            at = f"{path}{key}" if path == "$" else f"{path}.{key}"
            yield from _texts(item, at, levels - 1)


def _bad(where: str, fault: str, node: StringValueNode | None = None) -> Fault:
    return Fault(
        Code.BAD_USER_INPUT, f"{where} holds {fault}; send the text without it.", nodes=node
    )
