"""The commands, ``python -m inpaintlib.…``, in any terminal and any pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inpaintlib import _command

#: A terminal of 7 bits, and Python does not think better of it.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "", "PYTHONCOERCECLOCALE": "0"}

each_command = pytest.mark.parametrize(
    "options",
    [["datasets"], ["datasets", "--help"], ["training", "--help"], ["study"]],
    ids=" ".join,
)

pytestmark = pytest.mark.usefixtures("bundled_only")


def call(options: list[str], **settings: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", f"inpaintlib.{options[0]}", *options[1:]]
    return subprocess.run(command, check=False, **settings)


@each_command
def test_runs_in_a_terminal_of_plain_letters(options):
    ran = call(options, env=os.environ | ASCII, capture_output=True)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.isascii()
    if options == ["datasets"]:
        assert b" 28x28 " in ran.stdout


@each_command
def test_is_quiet_where_nobody_reads(options):
    reader, writer = os.pipe()
    os.close(reader)
    ran = call(options, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert ran.stderr == b""
    assert ran.returncode in (0, 141)  # argparse itself ignores that nobody reads its help


@pytest.mark.parametrize("options", [["datasets"], ["study"]], ids=" ".join)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_one_line(options):
    with open("/dev/full", "wb") as full:
        ran = call(options, stdout=full, stderr=subprocess.PIPE)
    assert b"No space left on device" in ran.stderr
    assert ran.stderr.count(b"\n") == 1
    assert ran.returncode == 1


def test_a_warning_is_one_line(tmp_path):
    ran = call(["datasets"], env=os.environ | {"INPAINTLIB_DATA": str(tmp_path)}, stderr=-1)
    assert ran.stderr.startswith(b"warning: INPAINTLIB_DATA is ")
    assert ran.stderr.count(b"\n") == 1


@each_command
def test_names_the_encoding_of_every_file(options):
    settings = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "default"}
    ran = call(options, env=os.environ | settings, capture_output=True)
    assert ran.returncode == 0
    assert b"inpaintlib" not in ran.stderr


def test_an_interruption_is_one_line(capsys):
    def main() -> int:
        raise KeyboardInterrupt

    assert _command.run(main) == 130
    assert capsys.readouterr().err == "interrupted\n"
