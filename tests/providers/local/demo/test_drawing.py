# ruff: noqa: S311 - scenes are chosen by lot
import random

import numpy as np
import pytest

from providers.local.demo.code import WIDTH, decode, encode
from providers.local.demo.dataset import SHAPES, draw_all, load
from providers.local.demo.drawing.picture import draw
from providers.local.demo.patches import find_basis
from providers.local.demo.scene import HELD_OUT, STYLES, Scene, random_scene
from providers.local.demo.world import SHAPES as WORLD_SHAPES

CAT = Scene("cat", "orange", "one", "snow", "plain", size="large", time="night")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("width", "height"), list(SHAPES))
def test_the_same_scene_and_luck_give_the_same_picture(style: str, width: int, height: int) -> None:
    scenes = [random_scene(random.Random(f"{style}{n}")) for n in range(3)]
    first, second = (
        [draw(scene, width, height, random.Random(4)) for scene in scenes] for _ in range(2)
    )
    for picture, again in zip(first, second, strict=True):
        assert picture.shape == (height, width, 3)
        assert picture.dtype == np.uint8
        assert np.array_equal(picture, again)


def test_other_luck_gives_another_picture() -> None:
    one, two = (draw(CAT, 128, 128, random.Random(luck)) for luck in (1, 2))
    assert not np.array_equal(one, two)


def test_an_object_is_there_in_its_colour() -> None:
    """An orange cat covers a good part of the picture with orange."""
    picture = draw(CAT, 128, 128, random.Random(1)).astype(int)
    orange = (picture[:, :, 0] > 220) & (abs(picture[:, :, 1] - 138) < 30) & (picture[:, :, 2] < 60)
    assert 0.08 < orange.mean() < 0.4


def test_training_never_sees_the_held_out_pairs() -> None:
    rng = random.Random(2)
    for _ in range(3000):
        scene = random_scene(rng)
        assert (scene.object, scene.colour) not in HELD_OUT
        assert (scene.object2, scene.colour2) not in HELD_OUT
    for _ in range(200):
        scene = random_scene(rng, held_out=True)
        assert (scene.object, scene.colour) in HELD_OUT


def test_drawings_on_disk_are_the_same_every_time(tmp_path_factory: pytest.TempPathFactory) -> None:
    folders = [tmp_path_factory.mktemp("drawings") for _ in range(2)]
    for folder in folders:
        draw_all(folder, 40, processes=1)
    for shape in SHAPES:
        one, two = (load(folder, *shape) for folder in folders)
        assert len(one.scenes) == len(one.pictures) > 0
        assert one.scenes == two.scenes
        assert np.array_equal(one.pictures, two.pictures)


def test_latents_keep_the_picture(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("drawings")
    draw_all(folder, 60, processes=1)
    basis = find_basis(folder)
    picture = draw(CAT, 128, 128, random.Random(1))
    latents = basis.encode(picture[None])
    assert latents.shape == (1, 10, 16, 16)
    back = latents[0].transpose(1, 2, 0) @ np.linalg.pinv(basis.directions) + basis.mean
    blocks = picture.reshape(16, 8, 16, 8, 3).transpose(0, 2, 1, 3, 4).reshape(16, 16, 192)
    error = (back - (blocks / 127.5 - 1)) / 2
    assert -10 * np.log10((error**2).mean()) > 20


def test_an_embedding_says_exactly_what_was_put_in() -> None:
    rng = random.Random(3)
    for _ in range(200):
        values = random_scene(rng).values()
        assert encode(values).shape == (WIDTH,)
        assert decode(encode(values)) == values
    assert not encode({}).any()


def test_the_world_names_the_sizes_that_are_drawn() -> None:
    assert tuple(SHAPES) == WORLD_SHAPES
