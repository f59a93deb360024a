import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.local


def train(work: Path) -> str:
    command = [sys.executable, "-m", "providers.local.demo.train", "--work", str(work), "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_every_stage_runs_and_a_second_run_repeats_none(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    work = tmp_path / "work"
    first = train(work)
    assert "done before" not in first
    assert "| object |" in (work / "marks.md").read_text()
    assert {path.name for path in (work / "weights").iterdir()} >= {
        "model_index.json", "unet", "movq", "prior_prior", "prior_text_encoder",
        "prior_image_encoder", "prior_tokenizer", "scheduler", "prior_scheduler",
    }  # fmt: skip
    assert train(work).count("done before") == 11
