"""A prompt that isn't drawn: nothing is spent, everyone concerned is told, and the owner can count."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.settings import WrongSetting
from bot.usecases.moderation import ShowVerdicts
from bot.usecases.quotas import QuotaRules
from providers.errors import Censored
from providers.testing import (
    FAKE_OFFER,
    FakeProvider,
    censor_picture,
    censor_prompt,
    refuse,
    succeed,
)
from providers.types import Mode, Verdict, VerdictStatus
from storage.records import JobState, VerdictCount
from tests.bot.harness import BORIS, CHEN, GROUP, Flow, flow
from tests.bot.pictures_to_send import encoded, photo
from tests.fakes.clock import FakeClock
from tests.fakes.faults import bad_gateway
from tests.fakes.moderation import KEY, FakeModeration

BLOCKED = "/imagine hardcore p0rn, best quality"
CENSORED = "censored this description"


async def counted(chat: Flow) -> list[tuple[str, str, str, int]]:
    async with chat.app.delivery._storage.reading() as view:
        found = await view.verdicts.since(date.min)
    return [(each.source, each.stage, each.status, each.count) for each in found]


@asynccontextmanager
async def judged_flow(
    tmp_path: Path, provider: FakeProvider | None = None, **settings: Any
) -> AsyncIterator[tuple[Flow, FakeModeration]]:
    """With a moderation service."""
    async with FakeModeration() as service:
        asked = {"moderation_url": service.base_url, "moderation_api_key": KEY, **settings}
        async with flow(tmp_path, provider, **asked) as chat:
            yield chat, service


# By the bot's own rules.


async def test_a_blocked_prompt_costs_nothing_and_leaves_no_job(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say(BLOCKED)
        told = await chat.see_text(CENSORED)
        for part in (
            "This bot's own rules",
            "for sexual content",
            "cost you nothing",
            "other words",
        ):
            assert part in told.words
        assert "p0rn" not in told.words and told.photo is None
        await chat.say("/quota")
        await chat.see_text("20 units")
        assert await chat.job() is None and chat.provider.requests == []
        assert await counted(chat) == [("rules", "prompt", "blocked", 1)]
        await chat.say("/imagine a fox")
        await chat.see_picture()


async def test_a_group_hears_it_once_and_nothing_delicate(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        for user in (BORIS, CHEN, BORIS):
            await chat.say("/imagine a naked child", user=user, chat=GROUP)
        told = await chat.see(
            lambda m: CENSORED in m.words and "Boris" in m.words and "Chen" in m.words, chat=GROUP
        )
        assert "minors" not in told.words and "child" not in told.words
        assert len(chat.bot_messages(GROUP)) == 2  # with the answer to /enable
        assert await counted(chat) == [("rules", "prompt", "blocked", 3)]


async def test_blocked_prompts_count_as_requests(tmp_path: Path) -> None:
    async with flow(tmp_path, max_requests_per_minute=2, strikes_before_pause=0) as chat:
        for _ in range(5):  # a minute may end in between
            await chat.say(BLOCKED)
        await chat.see_text("That's a lot at once")
        await chat.say("/help")
        await chat.see_text("Options")
        ((*_, count),) = await counted(chat)
        assert count == sum(CENSORED in told.words for told in chat.bot_messages()) < 5


PICTURES = replace(FAKE_OFFER, modes=frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE}))


async def test_a_caption_and_a_reply_are_judged_before_a_picture_is_fetched(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider(offers=(PICTURES,))) as chat:
        await chat.send_photo(encoded(photo()), caption=BLOCKED)
        await chat.see_text(CENSORED)
        (sent,) = await chat.send_photo(encoded(photo()), user=BORIS)
        await chat.say(BLOCKED, user=BORIS, reply_to=sent.message_id)
        await chat.see_text(CENSORED, chat=BORIS)
        assert chat.calls("getFile") == [] and await chat.job() is None
        assert await counted(chat) == [("rules", "prompt", "blocked", 2)]


async def test_what_should_not_be_drawn_may_be_named(tmp_path: Path) -> None:
    """But where the guidance is too low to keep away from it."""
    async with flow(tmp_path) as chat:
        await chat.say('/imagine a fox --no "porn, gore"')
        await chat.see_picture()
        assert chat.provider.requests[0].negative_prompt == "porn, gore"
        await chat.say('/imagine a fox --no "porn, gore" --guidance 1')
        await chat.see_text(CENSORED)
        assert len(chat.provider.requests) == 1


async def test_the_owners_lists_are_obeyed(tmp_path: Path) -> None:
    block, allow = tmp_path / "block.txt", tmp_path / "allow.txt"
    block.write_text("\ufeff[politics]\n мэр города \n", "utf-8")
    allow.write_text("hentai\n", "utf-8")
    async with flow(tmp_path, prompt_blocklist=block, prompt_allowlist=allow) as chat:
        await chat.say("/imagine hentai")
        await chat.see_picture()
        await chat.say("/imagine Мэр  города")
        told = await chat.see_text(CENSORED)
        assert "politics" not in told.words  # what isn't ours isn't shown


@pytest.mark.parametrize(
    ("setting", "content", "problem"),
    [
        ("prompt_blocklist", b"fine\n(broken\n", "line 2: "),
        ("prompt_blocklist", b"/(a+)+/", "line 1: "),
        ("prompt_blocklist", b"\xff\xfe", "not a text in UTF-8"),
        ("prompt_blocklist", b"a\n" * 500_001, "larger than"),
        ("prompt_allowlist", b"[minors]", "can't be allowed"),
        ("prompt_allowlist", None, "can't be read"),
    ],
)
async def test_a_broken_list_stops_the_start_with_one_line(
    tmp_path: Path, setting: str, content: bytes | None, problem: str
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongSetting) as caught:
        async with flow(tmp_path, **{setting: path}):
            pass
    text = str(caught.value)
    assert text.startswith(f"{setting.upper()}: {path}") and problem in text and "\n" not in text


# By a service beside them.


async def test_the_service_is_asked_about_what_the_rules_let_pass(tmp_path: Path) -> None:
    async with judged_flow(tmp_path) as (chat, service):
        await chat.say("/imagine a fox")
        await chat.see_picture()
        await chat.say("/imagine a bloodbath")
        told = await chat.see_text(CENSORED)
        assert "This bot's moderation service" in told.words and "for violence" in told.words
        await chat.say(BLOCKED)
        await chat.see_text("own rules")
        assert [seen.json["input"] for seen in service.requests] == ["a fox", "a bloodbath"]
        assert len(chat.provider.requests) == 1
        assert await counted(chat) == [
            ("moderation", "prompt", "blocked", 1),
            ("rules", "prompt", "blocked", 1),
        ]


async def test_a_request_counts_once_though_it_was_judged(tmp_path: Path) -> None:
    async with judged_flow(tmp_path, max_requests_per_minute=2) as (chat, _):
        await chat.say("/imagine a fox")
        await chat.say("/imagine a wolf")
        await chat.delivered(1)
        await chat.delivered(2)
        assert len(chat.provider.requests) == 2


async def test_down_means_closed(tmp_path: Path) -> None:
    async with judged_flow(tmp_path) as (chat, service):
        service.fault("judge", bad_gateway(), times=100)
        await chat.say("/imagine a fox")
        told = await chat.see_text("out of order")
        assert "cost you nothing" in told.words and "Try again" in told.words
        await chat.say("/imagine a wolf")
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 2)
        assert chat.provider.requests == [] and await chat.job() is None
        assert await counted(chat) == [("moderation", "prompt", "unchecked", 2)]


async def test_a_setting_opens_it_and_unchecked_is_counted_as_such(tmp_path: Path) -> None:
    async with judged_flow(tmp_path, moderation_when_down="open") as (chat, service):
        service.fault("judge", bad_gateway(), times=100)
        await chat.say("/imagine a fox")
        await chat.see_picture()
        await chat.say(BLOCKED)
        await chat.see_text("own rules")
        assert await counted(chat) == [
            ("moderation", "prompt", "unchecked", 1),
            ("rules", "prompt", "blocked", 1),
        ]


# By whoever draws.


@pytest.mark.parametrize(
    ("behaviour", "stage", "part"),
    [
        (censor_prompt("violence"), "prompt", "censored this description for violence"),
        (
            censor_picture("nudity", "raw <text> of theirs"),
            "image",
            "censored the picture for sexual",
        ),
    ],
)
async def test_a_services_verdict_is_told_and_counted(
    tmp_path: Path, behaviour: Any, stage: str, part: str
) -> None:
    async with flow(tmp_path, FakeProvider([behaviour])) as chat:
        await chat.say("/imagine a fox")
        told = await chat.see_text(part)
        assert "theirs" not in told.words and told.photo is None
        job = await chat.delivered()
        assert job.state is JobState.CENSORED
        assert all(" " not in category for category in job.reason_data["categories"])
        assert await counted(chat) == [("fake", stage, "blocked", 1)]
        assert len(chat.provider.requests) == 1


def blocked_by(source: str, stage: Any) -> Any:
    return refuse(Censored("fake", Verdict(VerdictStatus.BLOCKED, stage, source)))


async def test_a_prompt_counts_once_a_job_and_pictures_each(tmp_path: Path) -> None:
    one_at_a_time = (replace(FAKE_OFFER, max_images=1),)
    script = [blocked_by("replicate", "prompt")] * 3 + [blocked_by("replicate", "image")] * 2
    provider = FakeProvider([*script, succeed()], offers=one_at_a_time)
    async with flow(tmp_path, provider) as chat:
        await chat.say("/imagine a fox --n 3")
        assert "Replicate censored" in (await chat.see_text("description")).words
        await chat.say("/imagine a wolf --n 3")
        picture = await chat.see_picture()
        assert "2 of 3 were censored by Replicate; you paid for 1." in (picture.caption or "")
        assert await counted(chat) == [
            ("replicate", "image", "blocked", 2),
            ("replicate", "prompt", "blocked", 1),
        ]


async def test_pictures_nobody_checked_are_counted_where_they_are_withheld(tmp_path: Path) -> None:
    async with flow(tmp_path, unchecked_pictures="block") as chat:
        await chat.say("/imagine a fox --n 2")
        await chat.see_text("could not be checked")
        assert await counted(chat) == [("fake", "image", "unchecked", 2)]


async def test_the_owner_sees_the_last_days(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        storage = chat.app.delivery._storage
        clock = FakeClock(datetime(2026, 3, 14, 22, 30, tzinfo=UTC))
        days = [date(2026, 3, day) for day in (7, 8, 14)]
        async with storage.transaction() as tx:
            for day in days:
                await tx.verdicts.count(
                    VerdictCount(day=day, source="rules", stage="prompt", status="blocked", count=1)
                )
        rules = QuotaRules(20, ZoneInfo("Europe/Berlin"))
        show = ShowVerdicts(storage, rules, clock)
        assert [found.day for found in await show()] == [date(2026, 3, 8), date(2026, 3, 14)]
        assert [found.day for found in await show(days=1)] == [date(2026, 3, 14)]
        await clock.advance(3600)  # midnight in Berlin has passed
        assert [found.day for found in await show()] == [date(2026, 3, 14)]
        assert await show(days=1) == []
