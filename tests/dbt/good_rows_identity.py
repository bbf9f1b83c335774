"""Good rows of the dataset of models/staging/identity."""

from collections.abc import Callable
from hashlib import md5


def record_id(dataset: str, *key: str) -> str:
    """Id of the record with this natural key, written without white space."""
    return md5("|".join([dataset, *key]).encode(), usedforsecurity=False).hexdigest()


def identity_decisions(number: int) -> dict[str, str | None]:
    return {
        "record_id": record_id("penalties", f"丹市监处罚〔2022〕{number}号", f"丹东示例{number}号有限公司"),
        "record_dataset": "知识产权行政处罚",
        "record_bureau": "丹东市知识产权局",
        "record_document_no": f"丹市监处罚〔2022〕{number}号",
        "party_name": f"丹东示例{number}号有限公司",
        "decision": "无法确定",
        "reason": "登记档案中没有相符的主体",
        "decided_by": "知识产权保护处",
        "decided_on": "2022-11-20",
    }


GOOD_ROWS: dict[str, Callable[[int], dict[str, str | None]]] = {"identity_decisions": identity_decisions}
