"""A real depth model of a few thousand random weights, loaded from disk as a large one would be."""

import json
from pathlib import Path

import pytest

from providers.errors import Misconfigured
from providers.local.depth import check_depth_model, load_depth_model
from tests.fakes.bad_pictures import quarters
from tests.fakes.small_models import save_classifier, save_depth_model

pytestmark = pytest.mark.local


@pytest.mark.parametrize("size", [(96, 64), (64, 96), (33, 1)], ids=str)
def test_a_depth_map_is_grey_and_of_the_same_size(tmp_path: Path, size: tuple[int, int]) -> None:
    pytest.importorskip("torch")
    model = save_depth_model(tmp_path)
    check_depth_model(model)
    depth = load_depth_model(model).estimate(quarters(size))
    assert (depth.mode, depth.size) == ("L", size)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_it_spans_from_the_farthest_to_the_nearest(tmp_path: Path, mode: str) -> None:
    pytest.importorskip("torch")
    depth = load_depth_model(save_depth_model(tmp_path)).estimate(quarters().convert(mode))
    assert depth.getextrema() == (0, 255)
    assert len(depth.getcolors(256) or ()) > 50


def test_metres_are_turned_round(tmp_path: Path) -> None:
    """The same weights, said to answer distances: what was bright is dark."""
    pytest.importorskip("torch")
    nearness = load_depth_model(save_depth_model(tmp_path)).estimate(quarters())
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(
        json.dumps(config | {"depth_estimation_type": "metric", "max_depth": 20})
    )
    distance = load_depth_model(str(tmp_path)).estimate(quarters())
    farthest = nearness.point(lambda value: 255 * (value == 255))
    box = farthest.getbbox()
    assert box is not None
    assert distance.getpixel(box[:2]) == 0


def test_where_no_depth_is_seen_the_map_is_black(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    model = load_depth_model(save_depth_model(tmp_path))
    with torch.no_grad():
        for weights in model._model.parameters():
            weights.zero_()
    assert model.estimate(quarters()).getextrema() == (0, 0)


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = save_classifier(tmp_path, ["normal", "nsfw"])
    for refuse in (check_depth_model, load_depth_model):
        with pytest.raises(Misconfigured) as refused:
            refuse(model)
        assert refused.value.option == "depth_model" and "\n" not in refused.value.detail
