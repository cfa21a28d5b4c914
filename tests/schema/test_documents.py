"""Parsing and validation: remembered, without hints, one operation, introspection by right."""

import pytest
from graphql import parse

from schema.documents import REMEMBERED, operation_of
from schema.faults import Fault
from schema.terms import Terms
from tests.kit import toy

STRANGER = Terms(introspection=False).carried()


async def test_a_document_is_parsed_and_validated_once():
    schema = toy.toy_schema()
    for _ in range(400):
        await schema.execute("{hello}", operation_extensions=STRANGER)
    info = schema.documents.cache_info()
    assert (info.hits, info.misses, info.size) == (399, 1, 1)


async def test_what_is_remembered_is_bounded_and_long_texts_are_not():
    schema = toy.toy_schema()
    await schema.execute("{" + " " * 100_000 + "hello}")
    assert schema.documents.cache_info().size == 0
    for number in range(REMEMBERED + 20):
        await schema.execute(f"{{a{number}:hello}}")
    assert schema.documents.cache_info().size == REMEMBERED


async def test_the_right_to_introspect_is_part_of_the_key():
    schema = toy.toy_schema()
    for _ in range(2):
        opened = await schema.execute("{__schema{queryType{name}}}")
        closed = await schema.execute("{__schema{queryType{name}}}", operation_extensions=STRANGER)
        assert opened.errors is None
        assert closed.errors
        assert closed.errors[0].extensions["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("query", ["{__typename}", "{t:__typename}", "{dids{nodes{__typename}}}"])
async def test_typename_is_open_to_everybody(query):
    result = await toy.toy_schema().execute(query, operation_extensions=STRANGER)
    assert result.errors is None


async def test_remembered_errors_are_not_shared_between_requests():
    schema = toy.toy_schema()
    seen = []
    for name in ("first", "second"):
        terms = Terms(request_id=name).carried()
        result = await schema.execute("{helo}", operation_extensions=terms)
        assert result.errors
        seen.append(result.errors[0].extensions["requestId"])
    assert seen == ["first", "second"]


@pytest.mark.parametrize(
    "query",
    [
        "{helo}",
        '{hello(nam:"x")}',
        "{hello(tone:HIG)}",
        "{strict(number:1,where:{ton:HIGH})}",
        "query($f:Filte){strict(number:1,where:$f)}",
        "{... on Quer {hello}}",
        "{hello @includ(if:true)}",
        "query($t:Tone){hello(tone:$t)}",
        "query($f:Filter){strict(number:1,where:$f)}",
        "subscription{tick{number}}",
    ],
)
async def test_no_error_suggests_a_name(query):
    schema = toy.toy_schema()
    variables = {"t": "HIG", "f": {"ton": "HIGH"}}
    result = await schema.execute(query, variable_values=variables)
    assert result.errors
    text = " ".join(error.message for error in result.errors)
    assert "did you mean" not in text.lower()
    streamed = [result async for result in await schema.stream(query, variable_values=variables)]
    assert "did you mean" not in str(streamed).lower()


@pytest.mark.parametrize(
    ("query", "name", "found"),
    [
        ("query A{hello} query B{hello}", "B", True),
        ("query A{hello} query B{hello}", None, False),
        ("query A{hello} query B{hello}", "C", False),
        ("query A{hello}", "C", False),
        ("query A{hello}", None, True),
        ("fragment F on Query{hello}", None, False),
    ],
)
def test_exactly_one_operation_is_run(query, name, found):
    if found:
        operation = operation_of(parse(query), name)
        assert operation.name
        assert operation.name.value == (name or "A")
    else:
        with pytest.raises(Fault) as refused:
            operation_of(parse(query), name)
        assert refused.value.code == "OPERATION_RESOLUTION_FAILURE"


async def test_several_operations_without_a_name_run_none_of_them():
    schema = toy.toy_schema()
    world = toy.World()
    result = await schema.execute(
        "mutation A{raiseLevel} mutation B{raiseLevel}", context_value=_context(world)
    )
    assert result.errors
    assert result.errors[0].extensions["code"] == "OPERATION_RESOLUTION_FAILURE"
    assert world.level == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fragment F on Query{did(by:{id:$i}){id}} query($i:ID!){...F}", None),
        ("{did(by:{id:$missing}){id}}", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query{did(by:{id:$j}){id}} query($i:ID!){hello(name:$i)}", "?"),
        ('{did(by:{id:"1",number:"2"}){id}}', "GRAPHQL_VALIDATION_FAILED"),
        ("{did(by:{}){id}}", "GRAPHQL_VALIDATION_FAILED"),
        ("{did(by:{id:null}){id}}", "GRAPHQL_VALIDATION_FAILED"),
        ("query($b:DidBy!){did(by:$b){id}}", "BAD_USER_INPUT"),
        ("query($i:ID){did(by:{id:$i}){id}}", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_one_of_inputs_never_crash(query, code):
    result = await toy.toy_schema().execute(
        query, variable_values={"i": "1", "b": {"id": "1", "number": "2"}}
    )
    codes = {error.extensions["code"] for error in result.errors or ()}
    assert "INTERNAL_SERVER_ERROR" not in codes
    if code != "?":
        assert codes == ({code} if code else set())


@pytest.mark.parametrize("query", [None, ""])
async def test_no_query_is_bad_input(query):
    result = await toy.toy_schema().execute(query)
    assert result.errors
    assert result.errors[0].extensions["code"] == "BAD_USER_INPUT"


def _context(world: toy.World) -> toy.ToyContext:
    return toy.ToyContext(world, None, "r")  # type: ignore[arg-type]
