import logging
import subprocess
import sys
from pathlib import Path

import pytest

from providers.local.demo import train

ROOT = Path(__file__).parents[4]

pytestmark = [pytest.mark.local, pytest.mark.waits(25)]


def test_every_stage_runs_and_a_second_run_repeats_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("torch")
    work = tmp_path / "work"
    arguments = ["--work", str(work), "--smoke"]
    command = [sys.executable, "-m", train.__name__, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "done before" not in done.stderr
    assert "| object |" in (work / "marks.md").read_text()
    assert {path.name for path in (work / "weights").iterdir()} >= {
        "model_index.json", "unet", "movq", "prior_prior", "prior_text_encoder",
        "prior_image_encoder", "prior_tokenizer", "scheduler", "prior_scheduler",
    }  # fmt: skip
    caplog.set_level(logging.INFO)
    train.main(arguments)  # here: what is done needs no process that imports torch once more
    assert caplog.text.count("done before") == 11
