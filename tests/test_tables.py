"""What the chapter *How good is it?* reads from the stored scores."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import quality
import tables
from methods import methods

KINDS = ("square", "half")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Made-up scores of six methods on ten cases each; but for ``deep-image-prior``, on two."""
    levels = {
        "zeros": 5.0,
        "class-average": 8.0,
        "nearest": 12.0,
        "deep-image-prior": 7.0,
        "paper-digits": 9.0,
        "digits": 10.0,
        "untouched": 60.0,
    }
    summary, single = [], []
    for method, level in levels.items():
        count = 2 if method == "deep-image-prior" else 10
        cases = [
            {
                "method": method,
                "image": str(number),
                "kind": KINDS[number % 2],
                "label": "3",
                "judged": "3" if number or method == "untouched" else "4",
                "psnr": f"{level + number:.3f}",
                "ssim": f"{level / 60:.3f}",
                "grey": "0.100",
            }
            for number in range(count)
        ]
        single += cases
        for kind in ("all", *KINDS):
            row = {"method": method, "kind": kind, "count": str(count), "seconds": "0.002"}
            for score in tables.SCORES:
                mean = {"psnr": level, "ssim": level / 60, "grey": 0.1}.get(score, 0.9)
                if method == "untouched":
                    mean = {"judge": 1.0, "realism": 0.5}.get(score, mean)
                few = score == "realism" and method == "deep-image-prior"
                for end, shift in (("", 0.0), ("_low", -0.02), ("_high", 0.02)):
                    row[score + end] = "" if few else f"{mean + shift:.4f}"
            summary.append(row)
    for part, rows in (("", summary), ("-cases", single)):
        quality.write(tmp_path / f"quality-digits{part}.csv", rows)
    return tmp_path


@pytest.mark.parametrize("name", ["digits", "faces"])
def test_it_is_known_of_every_method_what_it_knows(name):
    assert set(methods(name)) <= set(tables.KNOWS)


def test_the_scores_are_those_of_the_benchmark():
    assert tuple(tables.SCORES) == quality.SCORES
    assert (tables.ALL, tables.RESULTS) == (quality.ALL, quality.RESULTS)


def test_a_score_by_kind_has_a_row_for_each_kind_and_a_column_for_each_method(folder):
    methods = ["zeros", "digits"]
    lines = tables.by_kind("digits", "judge", ["half", "all"], methods, folder=folder).data
    title, _, half, every = lines.splitlines()
    assert title == "| hole | `zeros` | `digits` |"
    for line, kind in ((half, "half"), (every, "all")):
        means = tables.estimates("digits", "judge", kind=kind, folder=folder)
        shown = [cell.split("<br>")[0].strip() for cell in line.strip("| ").split(" | ")]
        assert shown == [kind, *(f"{means[method].mean:.2f}" for method in methods)]


def test_estimates_come_in_the_order_of_the_file_and_only_where_there_are_any(folder):
    means = tables.estimates("digits", "ssim", folder=folder)
    assert list(means)[:2] == ["zeros", "class-average"]
    assert means["nearest"] == (0.2, 0.18, 0.22)
    assert "deep-image-prior" not in tables.estimates("digits", "realism", folder=folder)
    assert "untouched" not in tables.estimates("digits", "psnr", folder=folder)
    assert tables.estimates("digits", "psnr", kind="half", folder=folder)


def test_panels_leave_out_a_score_that_nobody_has(folder):
    path = folder / "quality-digits.csv"
    rows = [{**row, "grey": ""} for row in tables.read("digits", folder=folder)]
    quality.write(path, rows)
    titles = list(tables.panels("digits", folder=folder))
    assert titles == ["PSNR, dB", "SSIM", "judge", "realism"]


def test_the_table_has_a_row_for_each_method_and_sets_off_one(folder):
    lines = tables.table("digits", bold="digits", folder=folder).splitlines()
    assert len(lines) == 2 + 7
    assert len({line.count("|") for line in lines}) == 1
    assert lines[0].startswith("| method | cases | PSNR, dB |")
    assert "| **`digits`** | 10 | 10.0<br><small>10.0–10.0</small> |" in lines[7]
    assert lines[7].endswith("| 2.0 |")
    assert lines[5].endswith("| – | 2.0 |")  # deep image prior: no realism
    assert lines[8].startswith("| `untouched` | 10 | – |")


def test_differences_compare_case_by_case(folder):
    gains = tables.differences("digits", "digits", folder=folder)
    assert "digits" not in gains
    assert "untouched" not in gains
    # The spread of the cases cancels: every difference is the same.
    assert gains["nearest"] == pytest.approx((2, 2, 2))
    assert gains["deep-image-prior"] == pytest.approx((-3, -3, -3))
    judged = tables.differences("digits", "digits", "judge", folder=folder)
    assert set(judged.values()) == {(0, 0, 0)}
    with pytest.raises(KeyError):
        tables.differences("digits", "no-such-method", folder=folder)


def test_standing_names_the_methods_on_either_side(folder):
    lines = tables.standing("digits", "digits", folder=folder).splitlines()
    assert len(lines) == 2 + 3
    assert lines[2] == (
        "| PSNR, dB | `nearest` (+2.0) | none | `zeros` (-5.0), `class-average` (-2.0), "
        "`deep-image-prior` (-3.0), `paper-digits` (-1.0) |"
    )
    assert lines[4].startswith("| judge | none | `zeros` (+0.00), ")


def test_ends_count_the_kinds_of_the_best_and_the_worst(folder):
    assert tables.ends("digits", "digits", count=3, folder=folder).splitlines() == [
        "best 3: 17.0 to 19.0 dB; named right 3; holes: square 1, half 2",
        "worst 3: 10.0 to 12.0 dB; named right 2; holes: square 2, half 1",
    ]


def test_aims_are_met_missed_or_open(folder):
    assert tables.aims("digits", "digits", "paper-digits", folder=folder).splitlines() == [
        "met     a higher PSNR than every method that knows the known pixels only",
        "met     a higher PSNR than the class averages",
        "missed  a higher PSNR than every method that has the training images, or learned from "
        "holes",
        "met     a higher PSNR than the paper's recipe",
        "missed  named right as often as the originals",
        "met     as few grey pixels as in the originals, and no fewer",
        "missed  cannot be told from the originals",
    ]
    path = folder / "quality-digits-cases.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["method"] == "paper-digits":
            row["psnr"] = f"{10 + int(row['image']) + (-1) ** int(row['image']):.3f}"
    quality.write(path, rows)
    told = tables.aims("digits", "digits", "paper-digits", folder=folder)
    assert "open    a higher PSNR than the paper's recipe" in told


def test_the_table_of_applications_counts_random_starts_together(tmp_path):
    (tmp_path / "applications.csv").write_text(
        "task,setting,count,before,after,grey before,grey after\n"
        "hallucination,seed 0,10,,1.0,,\n"
        "hallucination,seed 1,10,,0.9,,\n"
        "illumination,threshold 0.1,304,0.868,0.970,0.16,0.3\n"
    )
    *_, made, lit = tables.applications(folder=tmp_path).splitlines()
    assert made == "| ten digits from 2 random starts | 20 | | 0.950 | | |"
    assert lit == "| dark faces, threshold 0.1 | 304 | 0.868 | 0.970 | 0.160 | 0.300 |"


def row_of(setting: str, low: float, high: float, changes: str = '{"jitter": 2}') -> tables.Row:
    values = {"difference": (low + high) / 2, "difference_low": low, "difference_high": high}
    row = {"part": "variation", "setting": setting, "changes": changes, "gain": "", "gain_low": ""}
    return row | {key: str(value) for key, value in values.items()}


def test_a_change_is_better_or_worse_only_where_its_interval_leaves_no_doubt():
    rows = [row_of("b", 0.1, 0.3), row_of("c", -0.1, 0.2), row_of("a", -0.5, -0.1)]
    rows.append(row_of("our recipe", 0.0, 0.0, changes="{}"))
    found = [(row["setting"], tables.verdict(row)) for row in tables.changed(rows)]
    assert found == [("a", "worse"), ("c", "cannot be told apart"), ("b", "better")]


def test_the_table_of_rows_has_intervals_and_a_dash_for_what_was_not_measured():
    columns = {"difference": "PSNR above ours, dB", "gain": "gain, dB"}
    lines = tables.of_rows([row_of("a", -0.5, -0.1)], "setting", columns).data.splitlines()
    assert lines[0] == "| setting | PSNR above ours, dB | gain, dB |"
    assert lines[2] == "| a | -0.30<br><small>-0.50 to -0.10</small> | – |"


def test_the_ladder_is_read_in_the_order_of_the_file():
    rows = tables.part(tables.ablation("digits"), "ladder")
    assert rows[0]["setting"] == "the paper's recipe"
    assert "our recipe" in rows[-1]["setting"]


def test_speeds_in_the_browser_have_a_row_a_quantity_and_a_column_a_picture():
    with (tables.RESULTS / "browser.csv").open(newline="", encoding="utf-8") as file:
        digit, face = csv.DictReader(file)
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in tables.browser().data.splitlines()
        if line.startswith("|")
    ]
    assert lines[0] == ["", "digit", "face"]
    assert {len(line) for line in lines} == {3}
    found = {line[0]: line[1:] for line in lines}
    assert found["the first by the second"] == [digit["ratio"], face["ratio"]]
    memory = [digit["memory_after_mb"], face["memory_after_mb"]]
    assert found[f"memory {digit['long_steps']} steps later, MB"] == memory
