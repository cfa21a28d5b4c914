"""Nothing internal leaves, everything lawful does, and the log has each once."""

import pytest
from graphql import GraphQLError
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from structlog.testing import capture_logs

from numbering.refusals import CarrierUnavailable, Invalid, RateLimited
from schema.masking import INTERNAL, UNAVAILABLE, seal
from schema.terms import Terms
from tests.kit import toy

TERMS = Terms(request_id="req-1", unavailable=(toy.Busy,))


async def answer(query: str, **options):
    """A result of the toy schema, for someone with an empty context."""
    context = toy.ToyContext(toy.World(), None, "req-1")  # type: ignore[arg-type]
    return await toy.toy_schema().execute(
        query, context_value=context, operation_extensions=TERMS.carried(), **options
    )


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{boom}", {"boom": None}),
        ("{loaded(key:-1)}", {"loaded": None}),
        ("{hole}", None),
        ("{badAnswer}", {"badAnswer": None}),
    ],
    ids=["resolver", "loader", "null where none may be", "answer of a wrong type"],
)
async def test_a_defect_is_one_sentence_to_the_client_and_a_traceback_to_the_log(query, data):
    with capture_logs() as logs:
        result = await answer(query)
    (error,) = result.errors
    assert result.data == data
    assert error.message == INTERNAL
    assert error.extensions == {"code": "INTERNAL_SERVER_ERROR", "requestId": "req-1"}
    assert error.path
    assert toy.SECRET not in str(error.formatted)
    (line,) = logs
    assert line["event"] == "operation_failed"
    assert line["request_id"] == "req-1"
    assert isinstance(line["exc_info"], Exception)


async def test_one_failed_batch_is_logged_once():
    with capture_logs() as logs:
        result = await answer("{a:loaded(key:-1) b:loaded(key:-1) c:loaded(key:5)}")
    assert len(result.errors) == 3
    assert len(logs) == 1


async def test_a_busy_database_is_unavailable_without_its_own_words():
    with capture_logs() as logs:
        result = await answer("{busy}")
    (error,) = result.errors
    assert error.message == UNAVAILABLE
    assert error.extensions == {
        "code": "SERVICE_UNAVAILABLE",
        "retryAfterSeconds": 2,
        "requestId": "req-1",
    }
    (line,) = logs
    assert line["log_level"] == "warning"
    assert "exc_info" not in line


@pytest.mark.parametrize(
    ("query", "code", "variables"),
    [
        ("{", "GRAPHQL_PARSE_FAILED", None),
        ("{nope}", "GRAPHQL_VALIDATION_FAILED", None),
        ("{forbidden}", "FORBIDDEN", None),
        ("query($n:Int!){strict(number:$n)}", "BAD_USER_INPUT", None),
        ("query($n:Int!){strict(number:$n)}", "BAD_USER_INPUT", {"n": "x"}),
        ("query($n:Int=1){strict(number:$n)}", "BAD_USER_INPUT", {"n": None}),
        ("query($w:Filter){strict(number:1,where:$w)}", "BAD_USER_INPUT", {"w": {"words": 1.5}}),
    ],
)
async def test_a_client_typo_keeps_its_message_and_has_no_traceback(query, code, variables):
    with capture_logs() as logs:
        result = await answer(query, variable_values=variables)
    (error,) = result.errors
    assert error.message != INTERNAL
    assert error.extensions == {"code": code, "requestId": "req-1"}
    (line,) = logs
    assert (line["event"], line["code"], line["log_level"]) == ("operation_refused", code, "info")
    assert "exc_info" not in line


async def test_what_a_client_sent_is_not_logged():
    with capture_logs() as logs:
        await answer("query($n:Int!){strict(number:$n)}", variable_values={"n": "PIN 4711"})
    assert "4711" not in str(logs)


@pytest.mark.parametrize(
    ("refusal", "extensions"),
    [
        (Invalid("Name a customer."), {"code": "BAD_USER_INPUT"}),
        (RateLimited(2.2), {"code": "RATE_LIMITED", "retryAfterSeconds": 3}),
        (CarrierUnavailable(), {"code": "SERVICE_UNAVAILABLE"}),
    ],
)
def test_a_refusal_that_no_payload_caught_keeps_its_words(refusal, extensions):
    (error,) = seal([GraphQLError(str(refusal), original_error=refusal)], TERMS)
    assert error.message == refusal.message
    assert error.extensions == {**extensions, "requestId": "req-1"}


async def test_a_mutation_where_only_queries_go_is_told_so():
    stream = await toy.toy_schema().subscribe("{hello}")
    (result,) = [each async for each in stream]
    (error,) = result.errors
    assert error.message == "queries are not allowed"
    assert error.extensions["code"] == "OPERATION_RESOLUTION_FAILURE"


def test_a_code_that_is_not_ours_is_masked():
    error = GraphQLError(toy.SECRET, path=["x"], extensions={"code": "TEAPOT", "hint": toy.SECRET})
    (sealed,) = seal([error], TERMS)
    assert sealed.message == INTERNAL
    assert toy.SECRET not in str(sealed.formatted)


class Explodes(SchemaExtension):
    """A hook that raises at a step of the operation."""

    step = "on_operation"

    def on_operation(self):
        if self.step == "on_operation":
            raise RuntimeError(toy.SECRET)
        yield

    def on_execute(self):
        if self.step == "on_execute":
            raise RuntimeError(toy.SECRET)
        yield

    def get_results(self):
        if self.step == "get_results":
            raise RuntimeError(toy.SECRET)
        return {}


@pytest.mark.parametrize("step", ["on_operation", "on_execute"])
@pytest.mark.parametrize("query", ["{hello}", "subscription{count}"])
async def test_hooks_that_raise_are_masked(step, query):
    schema = toy.toy_schema()
    schema.extensions = (type("Bad", (Explodes,), {"step": step}),)
    if query == "{hello}":
        result = await schema.execute(query)
        assert [error.message for error in result.errors or ()] == [INTERNAL]
    streamed = [result async for result in await schema.stream(query)]
    assert [error.message for each in streamed for error in each.errors or ()] == [INTERNAL]
    assert toy.SECRET not in str([error.formatted for error in streamed[-1].errors])


async def test_an_exception_that_escapes_strawberry_is_masked_in_streams():
    schema = toy.toy_schema()
    schema.extensions = (type("Bad", (Explodes,), {"step": "get_results"}),)
    streamed = [result async for result in await schema.stream("subscription{count}")]
    assert [error.message for each in streamed for error in each.errors or ()] == [INTERNAL]


async def test_a_subscription_that_raises_is_masked_and_ends():
    schema = toy.toy_schema()
    streamed = [result async for result in await schema.stream("subscription{boomAfter(events:2)}")]
    assert [each.data for each in streamed[:2]] == [{"boomAfter": 0}, {"boomAfter": 1}]
    assert [error.message for error in streamed[2].errors] == [INTERNAL]
    assert len(streamed) == 3


def test_strawberry_alone_would_leak():
    """What all this is for: if Strawberry ever masks by itself, look at this floor again."""
    result = Schema(toy.Query).execute_sync("{strict(number:1) badAnswer}")
    assert toy.SECRET in str(result.errors)
