"""The one error that a person must mend, and many of them gathered."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class UserError(Exception):
    """Something that a person must mend: printed as it stands, one fault a line, exit code 2.

    The message says where, what is wrong and what would be right.
    """


class Faults:
    """Faults gathered, so that a person mends them all in one go."""

    def __init__(self) -> None:
        """None yet."""
        self.lines: list[str] = []

    def take(self, make: Callable[[], T]) -> T | None:
        """What `make` returns, or None where it raised a UserError, which is kept."""
        try:
            return make()
        except UserError as error:
            self.lines += str(error).splitlines()
            return None

    def raise_any(self) -> None:
        """Raise all that were taken.

        Raises:
            UserError: there was at least one.
        """
        if self.lines:
            raise UserError("\n".join(dict.fromkeys(self.lines)))
