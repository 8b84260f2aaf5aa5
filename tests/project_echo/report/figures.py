"""Charts of the report as plotly reads them."""

import json
from typing import Any

from project_echo.report.charts import Chart


def figure(chart: Chart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Traces and layout of a chart."""
    content = json.loads(chart.figure)
    return content["data"], content["layout"]
