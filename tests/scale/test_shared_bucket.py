"""Hosts that share nothing but the database and a bucket."""

import pytest

from bot.playground import ANN
from tests.bot.pictures_to_send import encoded, photo
from tests.bot.process import House
from tests.bot.test_crash import answers_to, is_outcome
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes
from tests.storage.s3_server import S3Server

pytestmark = [pytest.mark.postgres, pytest.mark.waits(8)]


async def test_a_picture_given_to_one_host_is_drawn_on_by_another_and_shown_by_the_first(
    home: House, crew: Processes, s3: S3Server
) -> None:
    home.service.plan = Plan(gets=1)
    shared = {name.upper(): value for name, value in s3.settings().items()}
    edge = await crew.edge(**shared, DATA_DIR=str(home.folder / "here"))
    worker = await crew.worker(**shared, DATA_DIR=str(home.folder / "there"))
    (command,) = await home.playground.send_photo(
        ANN, ANN, (encoded(photo()),), "/imagine a fox --model kandinsky-2.1"
    )
    await home.playground.wait_until(lambda: any(map(is_outcome, answers_to(home, command))), 60)
    (result,) = answers_to(home, command)
    assert result.photo is not None, result.words
    history = await home.playground.send(ANN, ANN, "/history")
    await home.playground.wait_until(
        lambda: any(message.photo for message in answers_to(home, history)), 60
    )
    assert await edge.end() == 0 and await worker.end() == 0
