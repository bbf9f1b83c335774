"""The page about speed says what was measured: ratios without the fixed part, nothing where nothing was measured."""

from typing import Any

from benchmarks import report


def cost(seconds: float, database: float = 0.0, peak: float = 100.0, **told: Any) -> dict[str, Any]:
    return {"seconds": seconds, "database": database, "peak_mb": {"dbt": peak}, "family_mb": peak, "told": told}


def scale(rows: int, times: float) -> dict[str, Any]:
    """A scale whose steps take so many times ten seconds, and what is fixed."""
    models = {"models": {"stg_cases": times}, "parts": {"staging": times}}
    return {
        "copy": cost(times, times, rows=rows), "day_copy": cost(1, 1, rows=rows // 100),
        "judge": cost(4 + 10 * times, 10 * times, **models),
        "build": cost(6 + 10 * times, 10 * times, peak=401, **models),
        "gate": cost(5), "publish": cost(0.9), "by_hand": cost(16 * times, 10 * times), "by_hand_equal": {"grades": 1},
        "pair2_judge": cost(4 + 10 * times, 10 * times), "pair2_build": cost(6 + 10 * times, 10 * times),
        "pair2_by_hand": cost(20 * times, 20 * times), "office": cost(500 * times, 0, 4000),
        "day_judge": cost(4.2), "day_build": cost(6.3), "file1_take_in": cost(1.0, rows=300), "file1_copy": cost(0.8),
        "checks_during_build": {
            "clients": 20, "checks": 9, "per_second": 1, "p50_ms": 1, "p99_ms": 5.1, "longest_ms": 6,
        },
    }  # fmt: skip


def aims(found: dict[str, Any]) -> set[tuple[str, ...]]:
    """Scale, what was measured and whether the aim is met, by the first words of the aim."""
    lines = report.Page(found).aims().splitlines()[4:]
    return {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in lines}


def test_every_aim_is_reckoned_from_what_was_measured() -> None:
    nothing = {"judge": cost(4), "build": cost(6), "gate": cost(5), "publish": cost(0.9)}
    nothing |= {"day_judge": cost(4), "day_build": cost(6)}
    found = {report.NOTHING: nothing, "0.1": scale(500_000, 1), "1": scale(5_000_000, 10)}
    found["demo"] = {"airflow": {"main_job_seconds": 200.0, "airflow_seconds": 4.0}}
    assert {(scale, *rest) for _, scale, *rest in aims(found)} >= {
        ("0.1", "≥ 90 %", "80% (1 run)", "no"),
        ("1", "≤ 1.3", "1.12 (1.00 to 1.25, 2 runs)", "yes"),
        ("1", "≤ 1.3", "1.50 (1.00 to 2.00, 2 runs)", "no"),
        ("0.1", "≥ 10", "13.93", "yes"),
        ("0.1", "≤ 3 % of a full one", "2.5%", "yes"),
        ("1", "≤ 11 times", "10.0 times", "yes"),
        ("1", "≤ 400 MB", "401 MB (dbt)", "no"),
        ("the demonstration", "≤ 20 %", "2%", "yes"),
        ("1", "≤ 1 s", "0.9 s", "yes"),
        ("1", "p99 ≤ 5 ms", "5.1 ms", "no"),
    }


def test_what_was_not_measured_is_not_told() -> None:
    only_intake = {"1": {"file1_take_in": cost(1.0, rows=300), "file1_copy": cost(0.95)}}
    assert aims(only_intake) == {("intake against bare COPY, one large file", "1", "≥ 90 %", "95% (1 run)", "yes")}
    text = report.Page(only_intake).text()
    assert "Check before a grant" not in text and "slowest models" not in text


def test_a_scale_without_the_pipeline_stands_beside_the_others() -> None:
    limits = {"copy": cost(40, 30, rows=50_000_000), "by_hand": cost(600, 500), "duck": cost(300)}
    found = {"0.1": scale(500_000, 1), "10": limits | {"limits_equal": {"grades": 1}}}
    text = report.Page(found).text()
    assert "scale 10: 50,000,000 rows" in text
    assert "| by hand, PostgreSQL | – | 16.0 (10.0) | 600 (500) |" in text
    assert "| pipeline: judging | – | 14.0 (10.0) | – |" in text
    assert not any(scale == "10" for _, scale, *_ in aims(found))
    assert "scale 10:" not in report.Page({"10": limits}).text()  # nothing that was not compared


def test_steps_are_kept_word_for_word() -> None:
    assert report.STEPS.read_text(encoding="utf-8") in report.Page({}).text()
