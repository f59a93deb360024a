"""The models beside the one that draws: which are there, and what plainly isn't one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from providers.errors import Misconfigured
from providers.local.companions import (
    Companions,
    check_companions,
    check_controlnet,
    load_companions,
)
from providers.local.config import PipelineConfig
from providers.local.labels import blocked_for
from tests.fakes.bad_pictures import quarters
from tests.fakes.small_models import save_classifier, save_depth_model

OPTIONS = ("controlnet", "depth_model", "safety_model")


def config_with(tmp_path: Path, **models: str) -> PipelineConfig:
    return PipelineConfig(model="demo", cache_dir=tmp_path, **models)


def test_none_of_them_is_needed(tmp_path: Path) -> None:
    check_companions(config_with(tmp_path))


def test_of_hub_ids_nothing_is_known(tmp_path: Path) -> None:
    check_companions(config_with(tmp_path, **dict.fromkeys(OPTIONS, "nobody/nothing")))


@pytest.mark.parametrize("option", OPTIONS)
def test_each_is_looked_at_and_named(tmp_path: Path, option: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        check_companions(config_with(tmp_path, **{option: "./no-such-folder"}))
    assert refused.value.option == option
    assert refused.value.detail == "./no-such-folder: no such folder"


@pytest.mark.parametrize(
    ("file", "class_name"),
    [
        ("config.json", "ControlNetModel"),
        ("model_index.json", "KandinskyV22ControlnetPipeline"),
    ],
)
def test_both_kinds_of_controlnet(tmp_path: Path, file: str, class_name: str) -> None:
    (tmp_path / file).write_text(json.dumps({"_class_name": class_name}))
    check_controlnet(str(tmp_path))


@pytest.mark.parametrize("class_name", ["KandinskyV22Pipeline", ""])
def test_what_is_no_controlnet(tmp_path: Path, class_name: str) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": class_name}))
    with pytest.raises(Misconfigured, match=f"{class_name or 'what it holds'} is no ControlNet"):
        check_controlnet(str(tmp_path))


@pytest.mark.local
def test_what_is_configured_is_loaded(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert load_companions(config_with(tmp_path)) == Companions(None, None)
    checker = save_classifier(tmp_path / "checker", ["normal", "nsfw"], says="nsfw")
    depth = save_depth_model(tmp_path / "depth")
    loaded = load_companions(config_with(tmp_path, safety_model=checker, depth_model=depth))
    assert loaded.checker is not None and loaded.depth_model is not None
    assert loaded.checker.check([quarters()]) == [blocked_for("nsfw", sensitive=True)]
    assert loaded.depth_model.estimate(quarters()).size == quarters().size


def test_looking_takes_no_torch() -> None:
    script = (
        "import sys, providers.local.companions;"
        "sys.exit(bool({'torch', 'transformers', 'diffusers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
