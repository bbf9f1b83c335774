"""What Great Expectations measures otherwise in the gate: loaded after it, which takes seconds to import.

It would run each query for unexpected rows twice, for the rows and for their number.
"""

import logging
from typing import Any

from great_expectations.constants import MAX_RESULT_RECORDS
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metrics import UnexpectedRowsQueryRowCount
from great_expectations.validator.metric_configuration import MetricConfiguration

ROWS = "unexpected_rows_query.table"

# It warns of each metric that takes the place of its own, which is meant here.
logging.getLogger("great_expectations.expectations.registry").setLevel(logging.ERROR)


class CountOfUnexpectedRows(UnexpectedRowsQueryRowCount):  # type: ignore[misc]
    """The number of rows that were fetched; asked for only where there are more than are kept."""

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, metrics: dict[str, Any], **asked: Any) -> int:
        fetched = len(metrics[ROWS])
        if fetched < MAX_RESULT_RECORDS:
            return fetched
        return int(UnexpectedRowsQueryRowCount._sqlalchemy(cls, metrics=metrics, **asked))

    @classmethod
    def _get_evaluation_dependencies(cls, metric: MetricConfiguration, **_: Any) -> dict[str, MetricConfiguration]:
        return {ROWS: MetricConfiguration(ROWS, metric.metric_domain_kwargs, metric.metric_value_kwargs)}
