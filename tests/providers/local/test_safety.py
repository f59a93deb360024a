"""Real classifiers of a few thousand weights, loaded from disk as a large one would be."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from providers.errors import Misconfigured
from providers.local.labels import ALLOWED_VERDICT, blocked_for
from providers.local.safety import PictureChecker, check_safety_model, load_checker
from providers.types import UNCHECKED, Verdict, VerdictStatus
from tests.fakes.bad_pictures import quarters
from tests.fakes.small_models import save_classifier, save_concept_checker, save_torn_classifier

PICTURES = [quarters(), quarters((50, 200)).convert("L"), quarters((8, 8)).convert("RGBA")]


def model_of(folder: Path) -> str:
    pytest.importorskip("torch")
    return save_classifier(folder, ["normal", "nsfw"], says="nsfw")


def complaint(model: str) -> str:
    """The one line with which loading refuses."""
    with pytest.raises(Misconfigured) as refused:
        load_checker(model)
    assert refused.value.option == "safety_model"
    assert refused.value.detail.startswith(model) and "\n" not in refused.value.detail
    return refused.value.detail


@pytest.mark.local
@pytest.mark.parametrize(
    ("says", "verdict"),
    [
        ("drawings", ALLOWED_VERDICT),
        ("neutral", ALLOWED_VERDICT),
        ("porn", Verdict(VerdictStatus.BLOCKED, "image", "local", ("porn",), sensitive=True)),
        ("sexy", Verdict(VerdictStatus.BLOCKED, "image", "local", ("sexy",), sensitive=True)),
        ("meme", UNCHECKED),
    ],
)
def test_what_a_classifier_says_is_the_verdict(tmp_path: Path, says: str, verdict: Verdict) -> None:
    pytest.importorskip("torch")
    model = save_classifier(tmp_path, ["drawings", "porn", "neutral", "sexy", "meme"], says=says)
    check_safety_model(model)
    assert load_checker(model).check(PICTURES) == [verdict] * len(PICTURES)


@pytest.mark.local
def test_a_classifier_of_independent_labels(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = save_classifier(
        tmp_path, ["gore", "nudity"], says="gore", problem_type="multi_label_classification"
    )
    assert load_checker(model).check(PICTURES[:1]) == [blocked_for("gore")]


@pytest.mark.local
def test_each_picture_of_a_batch_gets_its_own_verdict(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    checker = load_checker(save_torn_classifier(tmp_path))
    pictures = [Image.new("RGB", (32, 32), c) for c in ("black", "white", "red", "green", "blue")]
    verdicts = checker.check(pictures)
    assert verdicts == [checker.check([picture])[0] for picture in pictures]
    assert {ALLOWED_VERDICT, blocked_for("nsfw", sensitive=True)} == set(verdicts)


@pytest.mark.local
@pytest.mark.parametrize(
    ("blocks", "verdict"), [(True, blocked_for("nsfw", sensitive=True)), (False, ALLOWED_VERDICT)]
)
def test_stable_diffusions_checker(
    tmp_path: Path, blocks: bool, verdict: Verdict, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("torch")
    model = save_concept_checker(tmp_path, blocks=blocks)
    check_safety_model(model)
    assert load_checker(model).check(PICTURES) == [verdict] * len(PICTURES)
    assert "NSFW" not in caplog.text


@pytest.mark.local
def test_stable_diffusions_checker_inside_a_checkpoint(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = save_concept_checker(
        tmp_path / "safety_checker", blocks=True, processor=tmp_path / "feature_extractor"
    )
    assert load_checker(model).check(PICTURES[:1]) == [blocked_for("nsfw", sensitive=True)]


def test_no_picture_is_no_work() -> None:
    assert PictureChecker(lambda _: pytest.fail("asked")).check([]) == []


def test_a_crash_leaves_that_one_picture_unchecked(caplog: pytest.LogCaptureFixture) -> None:
    def judge(images: Sequence[Image.Image]) -> list[Verdict]:
        if any(image.width == 13 for image in images):
            raise RuntimeError("out of memory")
        return [blocked_for("gore") for _ in images]

    images = [Image.new("RGB", (width, 9)) for width in (12, 13, 14)]
    with caplog.at_level(logging.ERROR):
        verdicts = PictureChecker(judge).check(images)
    assert verdicts == [blocked_for("gore"), UNCHECKED, blocked_for("gore")]
    assert len(caplog.records) == 1 and "out of memory" in caplog.text


@pytest.mark.local
def test_labels_that_tell_nothing_are_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = save_classifier(tmp_path, ["cat", "dog"])
    assert "cat, dog" in complaint(model)
    with pytest.raises(Misconfigured, match="cat, dog"):
        check_safety_model(model)


@pytest.mark.local
def test_missing_weights_are_no_matter_of_luck(tmp_path: Path) -> None:
    """Transformers would fill the head with random weights, and its verdicts would be random."""
    torch = pytest.importorskip("safetensors.torch")
    file = Path(model_of(tmp_path)) / "model.safetensors"
    weights = torch.load_file(file)
    torch.save_file({k: v for k, v in weights.items() if "classifier" not in k}, file)
    assert "classifier.bias" in complaint(str(tmp_path))


@pytest.mark.local
@pytest.mark.parametrize("weights", [b"", b"torn"])
def test_broken_weights(tmp_path: Path, weights: bytes) -> None:
    model = model_of(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(weights)
    check_safety_model(model)  # which reads no weights
    complaint(model)


@pytest.mark.local
def test_a_checker_that_fails_at_any_picture_is_refused(tmp_path: Path) -> None:
    model = model_of(tmp_path)
    settings = json.loads((tmp_path / "preprocessor_config.json").read_text())
    settings["size"] = {"height": 16, "width": 16}  # not what the model takes
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    complaint(model)


@pytest.mark.local
def test_no_preprocessor(tmp_path: Path) -> None:
    model = model_of(tmp_path)
    (tmp_path / "preprocessor_config.json").unlink()
    complaint(model)


@pytest.mark.local
def test_a_hub_id_that_can_not_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    check_safety_model("nobody/nothing")  # nothing is known of it yet
    complaint("nobody/nothing")


@pytest.mark.parametrize(
    ("config", "problem"),
    [(None, "no config.json"), ("{", "can't be read"), ("[]", "no object"), ("{}", "id2label")],
)
def test_a_folder_that_holds_no_checker(tmp_path: Path, config: str | None, problem: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(Misconfigured, match=problem) as refused:
        check_safety_model(str(tmp_path))
    assert refused.value.option == "safety_model"


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such folder"):
        check_safety_model(str(tmp_path / "nowhere"))
