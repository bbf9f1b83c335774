"""The embedded PostgreSQL server: one data directory under `home`, scram, TCP on loopback."""


def url() -> str:
    """URL of the warehouse database on the running embedded server."""
    raise NotImplementedError
