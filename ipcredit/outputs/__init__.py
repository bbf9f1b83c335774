"""What is made from a release."""


class OutputError(RuntimeError):
    """Nothing was written; the message says why and what to do."""
