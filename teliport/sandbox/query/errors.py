"""A query that cannot be read."""


class QueryFault(Exception):
    """Why, at which offset into the query, and what could stand there instead."""

    def __init__(self, message: str, position: int, valid_options: tuple[str, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.valid_options = valid_options
