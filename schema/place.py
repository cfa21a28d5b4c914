"""Where a number is at home."""

import strawberry

from numbering import place


@strawberry.type(
    description="Where a number is at home in the network. Toll-free numbers are nowhere."
)
class Place:
    """The geography of a number."""

    npa: str = strawberry.field(description="Area code, three digits: `303`.")
    nxx: str = strawberry.field(description="Exchange, the next three digits: `555`.")
    locality: str | None = strawberry.field(description="City, as the carrier writes it: `DENVER`.")
    state: str | None = strawberry.field(description="State or province, two letters: `CO`.")
    lata: int | None = strawberry.field(description="LATA, three digits: `656`.")
    rate_center: str | None = strawberry.field(
        description="Rate centre: what makes a call local, and within which a number can be ported."
    )
    time_zone: str | None = strawberry.field(description="IANA zone: `America/Denver`.")

    @classmethod
    def of(cls, value: place.Place) -> "Place":
        """As numbering knows it."""
        return cls(
            npa=value.npa,
            nxx=value.nxx,
            locality=value.locality,
            state=value.state,
            lata=value.lata,
            rate_center=value.rate_center,
            time_zone=value.time_zone,
        )
