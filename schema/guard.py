"""The schema behind its guard: limits before, a deadline around, and masked errors after.

Strawberry is pinned exactly, and this overrides four of its steps by name (ADR 0020):
`_prepare_operation_async`, `_execute_operation`, `execute` and `stream`.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any, TypeVar

from graphql import GraphQLError
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.cost import REFUSED, WEIGHTS, Pricing
from schema.documents import Documents, operation_of
from schema.faults import Code, Fault
from schema.limits import Limits
from schema.masking import seal
from schema.terms import Terms
from schema.text import refuse_unkeepable

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Await `work`, cancelling it after `seconds`. Raises Fault(TIMEOUT)."""
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await work
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Fault(
            Code.TIMEOUT, f"The operation took longer than {seconds:g} s and was stopped."
        ) from None


class _Seen:
    """What `execute` learns of the operation it runs, from the step that reads the document."""

    kind = "refused"


_seen: ContextVar[_Seen] = ContextVar("schema_seen", default=_Seen())  # noqa: B039 - streams write here, nobody reads


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor without hints, and with fresh loaders and a deadline per event."""

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        """As graphql-core, but errors about variables never suggest names of the schema."""
        kwargs["hide_suggestions"] = True
        return super().build(*args, **kwargs)

    def build_per_event_executor(self, payload: Any) -> Any:
        """An executor for one event, on loaders that remember nothing of earlier events."""
        executor = super().build_per_event_executor(payload)
        if hasattr(self.context_value, "fresh"):
            executor.context_value = self.context_value.fresh()
        return executor

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - as inherited
        """As graphql-core; an event (the only caller with False) must keep the deadline too."""
        result = super().execute_operation(serially)
        if serially is False and self.is_awaitable(result):
            return within(Terms.of(self.operation_extensions).timeout, result)
        return result


class GuardedSchema(Schema):
    """A Strawberry schema for strangers. Terms of an operation travel as `schema.terms` says."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        types: Iterable[Any] = (),
        limits: Limits,
        weights: Mapping[str, int],
        config: StrawberryConfig | None = None,
    ) -> None:
        super().__init__(
            query,
            mutation,
            subscription,
            types=types,
            config=config,
            execution_context_class=Executor,
        )
        self.documents = Documents(self._schema, limits)
        self._weights = weights

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Nothing: `seal` logs, once, with the request id and without a client's typos."""

    async def execute(self, *args: Any, **kwargs: Any) -> ExecutionResult:
        """As Strawberry's, with sealed errors.

        Raises InvalidOperationTypeError for a kind of operation that the transport does not take.
        """
        terms = Terms.of(kwargs.get("operation_extensions"))
        began, seen = time.perf_counter(), _Seen()
        _seen.set(seen)
        result = _sealed(await super().execute(*args, **kwargs), terms)
        terms.observe(seen.kind, _first_code(result), time.perf_counter() - began)
        return result

    async def stream(self, *args: Any, **kwargs: Any) -> Any:
        """As Strawberry's, with sealed errors, whatever raised them."""
        results = await super().stream(*args, **kwargs)
        return _sealed_stream(results, Terms.of(kwargs.get("operation_extensions")))

    async def _prepare_operation_async(
        self, context: ExecutionContext, extensions_runner: object
    ) -> PreExecutionError | None:
        try:
            faults = self._admit(context, Terms.of(context.operation_extensions))
        except Fault as fault:
            faults = [fault]
        if not faults:
            return None
        context.pre_execution_errors = faults
        return PreExecutionError(data=None, errors=faults)

    def _admit(self, context: ExecutionContext, terms: Terms) -> list[GraphQLError]:
        """Everything that can refuse an operation before it runs, cheapest first."""
        if not context.query:
            raise Fault(Code.BAD_USER_INPUT, "The request has no query.")
        prepared = self.documents.prepare(context.query, introspection=terms.introspection)
        if prepared.document is None:
            # Refusing took work too; without a price, hostile documents would be free.
            terms.spend(REFUSED)
            return list(prepared.faults)
        operation = operation_of(prepared.document, context._provided_operation_name)  # noqa: SLF001 - the property invents a name
        kind = OperationType(operation.operation.value)
        if kind not in context.allowed_operations:
            raise InvalidOperationTypeError(kind)
        _seen.get().kind = kind.value
        refuse_unkeepable(context.variables)
        pricing = Pricing(
            self._schema, prepared.document, operation, context.variables or {}, self._weights
        )
        context.extensions_results["cost"] = dict(_charge(pricing.total(), terms))
        context.graphql_document = prepared.document
        return []

    async def _execute_operation(
        self, execution_context: ExecutionContext, *args: Any, **kwargs: Any
    ) -> Any:
        terms = Terms.of(execution_context.operation_extensions)
        work = super()._execute_operation(execution_context, *args, **kwargs)
        return await within(terms.timeout, work)


def build_schema(
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    types: Iterable[Any] = (),
    *,
    limits: Limits | None = None,
    weights: Mapping[str, int] = WEIGHTS,
    config: StrawberryConfig | None = None,
) -> GuardedSchema:
    """The published schema, guarded. `types` are those reached only through an interface."""
    return GuardedSchema(
        query,
        mutation,
        subscription,
        types=types,
        limits=limits or Limits(),
        weights=weights,
        config=config,
    )


def _charge(cost: int, terms: Terms) -> Mapping[str, object]:
    if cost > terms.cost_limit:
        raise Fault(
            Code.GRAPHQL_VALIDATION_FAILED,
            f"The operation may cost {cost} points; at most {terms.cost_limit} are allowed. "
            "Ask for smaller pages or fewer neighbours.",
        )
    return terms.spend(cost)


def _first_code(result: ExecutionResult) -> str:
    """The code of the first error; "OK" without one."""
    errors = result.errors or ()
    return next((str((e.extensions or {}).get("code")) for e in errors), "OK")


def _sealed(result: ExecutionResult, terms: Terms) -> ExecutionResult:
    if result.errors:
        result.errors = seal(result.errors, terms)
    return result


async def _sealed_stream(
    results: AsyncGenerator[Any, None], terms: Terms
) -> AsyncGenerator[ExecutionResult, None]:
    try:
        async with aclosing(results):
            async for result in results:
                yield _sealed(result, terms)
    except Exception as error:  # noqa: BLE001 - the boundary: hooks that raise escape Strawberry's stream (strawberry #1439)
        failure = GraphQLError(str(error), original_error=error)
        yield _sealed(PreExecutionError(data=None, errors=[failure]), terms)
