"""Finding numbers: what can be asked, and what is found."""

from datetime import datetime
from typing import Annotated

import strawberry

from numbering.criteria import SearchCriteria
from resolvers import access, inventory
from resolvers.inventory import Search
from schema.arguments import given
from schema.connection import Connection, PageInfo, edges_of
from schema.money import Money
from schema.node import Info
from schema.number_enums import NumberFeature, NumberType
from schema.place import Place
from schema.scalars import E164
from teliport.wire import QueryVerdict
from workflows.search import Available, Suggestion


@strawberry.input(
    description="What to look for; all that is given must hold. Text is a value, never syntax."
)
class InventorySearch:
    """The filters of a search."""

    npas: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description='Area codes, at most 20: `["303", "720"]`.'
    )
    nxx: str | None = strawberry.field(
        default=strawberry.UNSET, description="Exchange, three digits: `555`."
    )
    state: str | None = strawberry.field(
        default=strawberry.UNSET, description="State, two letters: `CO`."
    )
    locality: str | None = strawberry.field(
        default=strawberry.UNSET, description="Part of a city's name: `denver`."
    )
    latas: list[int] | None = strawberry.field(
        default=strawberry.UNSET, description="LATAs, at most 20: `[656]`."
    )
    rate_center: str | None = strawberry.field(
        default=strawberry.UNSET, description="Rate centre; needs `state`: `DENVER`."
    )
    type: NumberType | None = strawberry.field(
        default=strawberry.UNSET, description="Local or toll-free."
    )
    starts_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="The first digits, area code first: `303555`."
    )
    contains: str | None = strawberry.field(
        default=strawberry.UNSET, description="Digits anywhere: `2255`."
    )
    ends_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="The last digits: `0000`."
    )
    features: list[NumberFeature] | None = strawberry.field(
        default=strawberry.UNSET, description="All of these must be possible, by type and state."
    )
    consecutive: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only numbers in runs of this many in a row, 2 to 20, as far as found so far.",
    )

    def criteria(self) -> SearchCriteria:
        """As numbering knows it; not checked yet."""
        return SearchCriteria(
            npas=tuple(given(self.npas) or ()),
            nxx=given(self.nxx),
            state=given(self.state),
            locality=given(self.locality),
            latas=tuple(given(self.latas) or ()),
            rate_center=given(self.rate_center),
            type=given(self.type),
            starts_with=given(self.starts_with),
            contains=given(self.contains),
            ends_with=given(self.ends_with),
            features=tuple(given(self.features) or ()),
            consecutive=given(self.consecutive),
        )


@strawberry.type(description="A number that was free when the carrier was asked.")
class AvailableNumber:
    """A number to hold."""

    found: strawberry.Private[Available]
    number: E164 = strawberry.field(description="The number.")
    national_format: str = strawberry.field(description="For people: `(303) 555-1234`.")
    type: NumberType = strawberry.field(description="Local or toll-free.")
    place: Place = strawberry.field(description="Where it is at home.")
    features: list[NumberFeature] = strawberry.field(
        description="What it can do, by a rule of ours for its type and state."
    )

    @strawberry.field(
        description="What it costs a month. Null unless your role may see prices (PRICES_READ)."
    )
    def monthly_cost(self, info: Info) -> Money | None:
        """For those who may see it."""
        price = self.found.quote.monthly
        return Money.shown(info, price.amount, price.currency)

    @strawberry.field(
        description="What it costs once. Null unless your role may see prices (PRICES_READ)."
    )
    def setup_fee(self, info: Info) -> Money | None:
        """For those who may see it."""
        price = self.found.quote.setup
        return Money.shown(info, price.amount, price.currency)

    @classmethod
    def of(cls, found: Available) -> "AvailableNumber":
        """Of something found."""
        return cls(
            found=found,
            number=E164(found.number),
            national_format=found.number.national_format,
            type=found.type,
            place=Place.of(found.place),
            features=list(found.features),
        )


@strawberry.type(description="Somewhere near that does have numbers.")
class SearchSuggestion:
    """A search that would find something."""

    label: str = strawberry.field(description="For people: `720 (Denver overlay)`.")
    available: int = strawberry.field(description="How many numbers are free there.")
    npa: str | None = strawberry.field(description="Search with this area code.")
    state: str | None = strawberry.field(description="Search in this state.")
    rate_center: str | None = strawberry.field(description="Search in this rate centre.")

    @classmethod
    def of(cls, found: Suggestion) -> "SearchSuggestion":
        """Of a suggestion."""
        return cls(
            label=found.label,
            available=found.available,
            npa=found.npa,
            state=found.state,
            rate_center=found.rate_center,
        )


@strawberry.type(
    description=(
        "A page of free numbers. Other people hold numbers meanwhile, so entries may move between "
        "pages; `totalCount` is the carrier's and includes numbers that are being held here."
    )
)
class AvailableNumberConnection(Connection[AvailableNumber]):
    """A page of a search."""

    search: strawberry.Private[Search]
    as_of: datetime = strawberry.field(description="When the carrier was asked.")
    stale: bool = strawberry.field(
        description="The carrier is away: this is what it said at `asOf`, at most 10 minutes ago."
    )

    @strawberry.field(description="The query as sent to the carrier. Null unless you are staff.")
    def teliport_query(self, info: Info) -> str | None:
        """For staff."""
        return self.search.found.query if access.sees_raw(info.context) else None

    @strawberry.field(
        description="Neighbouring area codes or rate centres, only when nothing was found."
    )
    async def suggestions(self, info: Info) -> list[SearchSuggestion]:
        """Asked for now."""
        found = await inventory.suggestions(info.context, self.search)
        return [SearchSuggestion.of(each) for each in found]

    @classmethod
    def of(cls, search: Search) -> "AvailableNumberConnection":
        """Of a search that was carried out."""
        nodes = [AvailableNumber.of(each) for each in search.page.rows]
        return cls(
            edges=edges_of(nodes, search.page.cursors),
            nodes=nodes,
            page_info=PageInfo.of(search.page),
            count=search.total,
            search=search,
            as_of=search.found.as_of,
            stale=search.found.stale,
        )


@strawberry.type(description="What the carrier thinks of a query.")
class QueryValidation:
    """A verdict."""

    valid: bool = strawberry.field(description="It can be asked.")
    parsed_query: str | None = strawberry.field(description="As the carrier understood it.")
    message: str | None = strawberry.field(description="What is wrong with it.")
    position: int | None = strawberry.field(description="Where, in characters from 0.")
    valid_options: list[str] = strawberry.field(description="What could stand there instead.")

    @classmethod
    def of(cls, verdict: QueryVerdict) -> "QueryValidation":
        """Of the carrier's verdict."""
        return cls(
            valid=verdict.valid,
            parsed_query=verdict.parsed_query,
            message=verdict.message,
            position=verdict.position,
            valid_options=list(verdict.valid_options),
        )


SearchInput = Annotated[
    InventorySearch, strawberry.argument(name="input", description="What to look for.")
]
