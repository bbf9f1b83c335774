"""Decisions about rows without a code: the office has made none yet, the queue of the samples waits for them."""

import random

from sample_subjects import Record, Subject


def identity_decisions(people: dict[str, list[Subject]], period: str, rng: random.Random) -> list[Record]:
    """None: a decision names a record, and records come to be only when the samples have been taken in."""
    return []


MAKERS = {}
PROVINCIAL_MAKERS = {"identity_decisions": identity_decisions}
DEFECTS = {"identity_decisions": ()}
