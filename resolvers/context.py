"""What every resolver is given: who asks, what they can reach, and this operation's loaders."""

from dataclasses import dataclass, field, replace
from typing import Self

from numbering.actors import Actor
from resolvers.loaders import Loaders
from workflows.wiring import Services


@dataclass(frozen=True)
class Context:
    """One operation's surroundings; the gateway makes one for each operation of a socket too."""

    services: Services
    request_id: str
    actor: Actor
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "loaders", Loaders(self.services, self.actor))

    def fresh(self) -> Self:
        """The same with nothing read yet: each event of a subscription must see what stands."""
        return replace(self)
