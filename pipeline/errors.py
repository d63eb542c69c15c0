"""The one error that a person must mend."""


class UserError(Exception):
    """Something that a person must mend: printed as it stands, one fault a line, exit code 2.

    The message says where, what is wrong and what would be right.
    """
