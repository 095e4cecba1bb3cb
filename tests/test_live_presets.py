"""The playground's presets end as their words say: each is run in the engine of the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import browsing
import export
import pytest

ENGINE = Path(__file__).parents[1] / "book" / "live"
SCRIPT = Path(__file__).parent / "live" / "presets.mjs"

pytestmark = [browsing.needs_node, pytest.mark.slow]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("export")
    export.write(folder)
    done = browsing.run_node(SCRIPT, ENGINE, folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_4_is_restored(ended):
    result = ended["restore"]
    assert result["after"]["read"] == result["label"] == 4
    assert result["after"]["psnr"] > result["before"]["psnr"] + 3


def test_a_4_becomes_a_9(ended):
    result = ended["turn"]
    assert result["before"]["read"] == 4
    assert result["after"]["read"] == result["label"] == 9
    assert result["after"]["probability"] > 0.95


def test_a_digit_comes_out_of_nothing(ended):
    result = ended["nothing"]
    assert result["missing"] == result["size"]
    assert result["before"]["read"] != 3
    assert result["after"]["read"] == result["label"] == 3
    assert result["moved"] > 0.9


def test_a_network_stays_silent(ended):
    result = ended["silent"]
    assert result["before"]["read"] == result["label"] == 4
    assert (result["steps"], result["stopped"], result["moved"]) == (0, "tolerance", 0)


def test_a_face_is_painted(ended):
    result = ended["face"]
    assert result["after"]["read"] == result["label"] == 1
    assert result["before"]["psnr"] + 5 < result["after"]["psnr"]
    assert result["moved"] > 0.2


def test_scratches_are_filled_by_the_start(ended):
    result = ended["scratches"]
    assert result["after"]["read"] == result["label"] == 0
    assert result["moved"] < 4 / 255
    assert result["after"]["psnr"] > 20


def test_a_face_is_lit(ended):
    result = ended["light"]
    assert result["after"]["read"] == result["label"] == 0
    assert result["after"]["brightness"] > 2 * result["after"]["original"]


def test_every_preset_is_tested(ended):
    tested = {"restore", "turn", "nothing", "silent", "face", "light", "scratches"}
    assert set(ended) == tested
