"""What owners are told of the providers: the reports, their words, and `/providers` in the chat."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.doctor.services import table
from bot.enabled import address_setting, key_setting
from bot.settings import Settings
from bot.texts import providers as texts_providers
from bot.usecases.engines import Engines
from bot.usecases.probe_providers import PATIENCE, Grade, ProbeProviders, ProviderReport
from providers.base import ImageProvider
from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    GenerationFailed,
    Misconfigured,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.gate import Gate
from providers.registry import KNOWN_PROVIDERS
from providers.status import Credit, ServiceStatus
from providers.testing import FakeProvider
from tests.bot.harness import ANN, BORIS, GROUP, flow
from tests.fakes.clock import FakeClock
from tests.fakes.probed import Probed, offers_of

OK = ServiceStatus()
SAID = "a secret fox, said the service"


async def reports_on(*providers: ImageProvider) -> Mapping[str, ProviderReport]:
    named = {provider.name: provider for provider in providers}
    offers = [offer for provider in providers for offer in await provider.offers()]
    reports = await ProbeProviders(Engines(named, offers), FakeClock())()
    assert [report.name for report in reports] == list(named)
    return {report.name: report for report in reports}


async def report_on(answer: ServiceStatus | ProviderError, *models: str) -> ProviderReport:
    return (await reports_on(Probed("replicate", answer, *models)))["replicate"]


# The reports


async def test_each_provider_is_asked_and_one_in_trouble_hides_no_other() -> None:
    broken = Probed("segmind", Unauthorized("segmind", SAID))
    good = Probed("replicate", ServiceStatus(credit=Credit(3, "USD")))
    reports = await reports_on(broken, good, FakeProvider())
    assert [report.grade for report in reports.values()] == [Grade.BROKEN, Grade.GOOD, Grade.GOOD]
    assert reports["replicate"].credit == Credit(3, "USD")
    assert reports["fake"].seconds is None  # nobody was asked
    assert broken.deadlines == good.deadlines == [PATIENCE]


class Meeting(Probed):
    """Answers only when the other one has been asked too."""

    def __init__(self, name: str, both: asyncio.Barrier) -> None:
        super().__init__(name, OK)
        self._both = both

    async def probe(self, *, deadline: float) -> ServiceStatus:
        await self._both.wait()
        return OK


async def test_they_are_asked_side_by_side() -> None:
    both = asyncio.Barrier(2)
    reports = await reports_on(Meeting("a", both), Meeting("b", both))
    assert {report.grade for report in reports.values()} == {Grade.GOOD}


class Silent(Probed):
    async def probe(self, *, deadline: float) -> ServiceStatus:
        await asyncio.Event().wait()
        return OK


async def test_one_that_overlooks_its_deadline_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.usecases.probe_providers.PATIENCE", 0.0)
    monkeypatch.setattr("bot.usecases.probe_providers.GRACE", 0.05)
    reports = await reports_on(Silent("replicate", OK), Probed("segmind", OK))
    assert isinstance(reports["replicate"].trouble, DeadlineExceeded)
    assert reports["segmind"].grade is Grade.GOOD


class Slow(Probed):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__("replicate", OK)
        self._turned = clock

    async def probe(self, *, deadline: float) -> ServiceStatus:
        await self._turned.advance(0.31)
        return OK


async def test_it_is_measured_how_long_an_answer_takes() -> None:
    clock = FakeClock()
    (report,) = await ProbeProviders(Engines({"replicate": Slow(clock)}, ()), clock)()
    assert report.seconds == pytest.approx(0.31)
    assert texts_providers.answered_in(report) == "0.31 s"


async def test_a_provider_that_the_bot_leaves_alone_is_told_with_the_time() -> None:
    clock, provider = FakeClock(), Probed("replicate", OK)
    gate = Gate(provider, clock, jitter=lambda: 0.0)
    with pytest.raises(RateLimited):
        async with gate.submission(60.0):
            raise RateLimited("replicate", retry_after=45.0)
    probe = ProbeProviders(Engines({"replicate": provider}, ()), clock, gates={"replicate": gate})
    (report,) = await probe()
    assert report.grade is Grade.DOUBTFUL
    assert "no work for 45 s more" in texts_providers.problems(report)[0].text
    await clock.advance(45.0)
    (report,) = await probe()
    assert report.grade is Grade.GOOD and not texts_providers.problems(report)


class Unfit(FakeProvider):
    async def check(self) -> None:
        raise Misconfigured("local", "no such device", option="device")


async def test_who_can_not_be_asked_is_looked_at() -> None:
    report = (await reports_on(Unfit(name="local")))["local"]
    assert report.grade is Grade.BROKEN
    assert list(map(str, texts_providers.problems(report))) == ["LOCAL_DEVICE: no such device"]


async def test_credit_said_earlier_is_known_too() -> None:
    provider = Probed("segmind", OK, credit=Credit(7.5, "credits"))
    report = (await reports_on(provider))["segmind"]
    assert texts_providers.credit(report) == "7.50 credits"


@pytest.mark.parametrize(
    ("answer", "grade"),
    [
        (OK, Grade.GOOD),
        (ServiceStatus(credit=Credit(0.01, "USD")), Grade.GOOD),
        (ServiceStatus(credit=Credit(0, "USD")), Grade.BROKEN),
        (ServiceStatus(takes_work=False), Grade.DOUBTFUL),
        (ServiceStatus(models=("m", "other")), Grade.GOOD),
        (ServiceStatus(models=("m:pinned",)), Grade.GOOD),
        (ServiceStatus(models=("other",)), Grade.DOUBTFUL),
        (ServiceStatus(models=()), Grade.DOUBTFUL),
        (RateLimited("replicate"), Grade.DOUBTFUL),
        (OutOfCredit("replicate"), Grade.BROKEN),
        (Unavailable("replicate"), Grade.BROKEN),
    ],
)
async def test_grades(answer: ServiceStatus | ProviderError, grade: Grade) -> None:
    report = await report_on(answer, "m")
    assert report.grade is grade
    assert bool(texts_providers.problems(report)) is (grade is not Grade.GOOD)


# The words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unauthorized, "REPLICATE_API_TOKEN: replicate doesn't accept it"),
        (OutOfCredit, "replicate: the account has no credit"),
        (RateLimited, "replicate: wants fewer questions; try again later"),
        (ServiceGone, "REPLICATE_BASE_URL: there is no such service"),
        (Unavailable, "REPLICATE_BASE_URL: can't be reached"),
        (DeadlineExceeded, "REPLICATE_BASE_URL: no answer within 10 s"),
        (BadAnswer, "REPLICATE_BASE_URL: what answers there isn't this service"),
        (GenerationFailed, "replicate: can't be asked (GenerationFailed)"),
    ],
)
async def test_a_trouble_is_told_with_the_setting_to_change(
    error: type[ProviderError], words: str
) -> None:
    report = await report_on(error("replicate", SAID))
    (problem,) = map(str, texts_providers.problems(report))
    assert problem.startswith(words) and "\n" not in problem
    assert SAID not in texts_providers.providers([report]) + "".join(table([report]))


async def test_a_throttle_says_for_how_long() -> None:
    report = await report_on(RateLimited("replicate", "", 42.4))
    (problem,) = texts_providers.problems(report)
    assert problem.text.endswith("try again in 42 s")


@pytest.mark.parametrize("provider", [name for name in KNOWN_PROVIDERS if name != "local"])
def test_every_services_address_has_its_setting(provider: str) -> None:
    names = {key_setting(provider).lower(), address_setting(provider).lower()}
    assert len(names) == 2 and names <= set(Settings.model_fields)


def test_what_has_no_address_is_named_by_what_enables_it() -> None:
    assert address_setting("local") == "LOCAL_MODEL"


async def test_the_message_reads_well() -> None:
    many = tuple(f"model-{number}" for number in range(5))
    styles = ServiceStatus(styles=("ANIME", "<b>"), credit=Credit(12.4, "USD"))
    reports = await reports_on(
        Probed("replicate", styles, *many),
        FakeProvider(name="local", offers=offers_of("local", "demo")),
    )
    assert texts_providers.providers(list(reports.values())).split("\n\n") == [
        "<b>Providers</b>",
        "✓ <b>replicate</b>\n"
        "key accepted · 12.40 USD left · answered in 0.00 s\n"
        "model-0, model-1, model-2 and 2 more\n"
        "own styles: ANIME, &lt;b&gt;",
        "✓ <b>local</b>\ndemo",
    ]


async def test_a_broken_one_says_what_to_mend() -> None:
    report = await report_on(Unauthorized("replicate"), "kandinsky-2.2")
    assert texts_providers.providers([report]).split("\n")[2:] == [
        "✗ <b>replicate</b>",
        "key refused",
        "kandinsky-2.2",
        "REPLICATE_API_TOKEN: replicate doesn't accept it",
    ]


async def test_the_table_has_a_row_a_provider_and_straight_columns() -> None:
    reports = await reports_on(
        Probed("replicate", ServiceStatus(styles=("a", "b"), credit=Credit(5, "USD"))),
        FakeProvider(name="local", offers=offers_of("local", "demo")),
    )
    assert table(list(reports.values())) == [
        "  provider   key       models      styles  credit  answered in",
        "✓ replicate  accepted  fake-model  2       5 USD   0.00 s",
        "✓ local      -         demo        -       -       -",
    ]


# In the chat


async def test_the_owner_sees_every_provider(tmp_path: Path) -> None:
    provider = Probed("replicate", ServiceStatus(credit=Credit(12.4, "USD")))
    async with flow(tmp_path, provider, admin_ids=str(ANN)) as chat:
        asked = await chat.say("/Providers")
        answer = await chat.see_text("Providers")
        assert answer.reply_to_message_id == asked.message_id
        assert "replicate\nkey accepted · 12.40 USD left" in answer.words
        await chat.say("/help")
        assert "/providers" in (await chat.see_text("From pictures")).words


async def test_for_others_there_is_no_such_command(tmp_path: Path) -> None:
    provider = Probed("replicate", OK)
    async with flow(tmp_path, provider, admin_ids=str(ANN)) as chat:
        await chat.say("/unknown", user=BORIS)
        unknown = await chat.see_text("begins with /imagine", chat=BORIS)
        await chat.say("/providers", user=BORIS)
        await chat.say("/help", user=BORIS)
        help_text = (await chat.see_text("From pictures", chat=BORIS)).words
        first, second, _ = chat.bot_messages(BORIS)
        assert (first.words, "providers" in help_text) == (unknown.words, False)
        assert second.words == first.words
        assert not provider.deadlines


async def test_in_a_group_the_owner_asks_in_vain(tmp_path: Path) -> None:
    """Whoever reads along would see the credit."""
    provider = Probed("replicate", OK)
    async with flow(tmp_path, provider, admin_ids=str(ANN)) as chat:
        await chat.turn_on()
        await chat.say("/providers", chat=GROUP)
        await chat.say("/help", chat=GROUP)
        assert "providers" not in (await chat.see_text("From pictures", chat=GROUP)).words
        assert not provider.deadlines
