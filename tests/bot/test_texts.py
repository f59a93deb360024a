"""Every outcome and every refusal has words, and they survive whatever a user types."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import Notice
from bot.handlers.errors import USE_CASE_TEXTS
from bot.parsing import ImagineCommand, ParseError, ParseReason, parse_imagine
from bot.playground.checks import MAX_CAPTION, MAX_TEXT
from bot.playground.entities import parse_html, utf16_length
from bot.texts import everyday as texts
from bot.texts import failures as texts_failures
from bot.texts import moderation as texts_moderation
from bot.texts import notes as texts_notes
from bot.texts import pictures as texts_pictures
from bot.usecases import errors as use_case_errors
from bot.usecases.errors import (
    ModeNotTaken,
    PictureRefused,
    PicturesTrouble,
    PictureTrouble,
    PromptBlocked,
    WrongPictures,
)
from bot.usecases.estimate import Standing
from bot.usecases.outcomes import REASONS
from bot.usecases.spec import AdjustmentNote, JobInputs, JobSpec
from providers import errors as provider_errors
from providers.catalog import AdjustmentKind, Misfit, MisfitReason
from providers.errors import Censored, ProviderError
from providers.moderation.base import SERVICE, WORD_LIST
from providers.moderation.rules import shipped_lists
from providers.registry import KNOWN_PROVIDERS
from providers.router import NoSuchOffer
from providers.styles import STYLES
from providers.testing import FAKE_OFFER
from providers.types import GenerationRequest, Mode, NoteKind, Wish
from storage.errors import QuotaExceeded, Throttled
from storage.records import DeliveryState, Job, JobState, QuotaView

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
LONGEST_REFUSAL = 300
STYLE_NAMES = [style.name for style in STYLES]
HOSTILE = (
    "</b></code><script>&amp;&lt;&#0;",
    "<b>" * 1000,
    "\"'`&" * 500,
    "\u202e\u2066\u05e2\u05d1\u05e8 \u0639\u0631\u0628\u200f" * 100,
    "👩\u200d👩\u200d👧\u200d👦" * 350,
    "e" + "\u0301" * 4000,
    "\U0001d51e" * 4096,
    "<" * 4096,
    "{prompt} {0} %s {source.__class__}",
)
prompts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    st.text("<>&\"'/ab;# \n👍\u202e", min_size=1, max_size=4096),
)


def shown(markup: str, limit: int = MAX_TEXT) -> str:
    """The text as Telegram would show it; fails where it would refuse it."""
    text, _ = parse_html(markup)
    assert text and 0 < utf16_length(text) <= limit
    return text


def spec_of(prompt: str, **more: Any) -> JobSpec:
    wish: dict[str, Any] = {"style": "pencil-sketch", "negative_prompt": prompt, **more}
    return JobSpec(
        wish=Wish(prompt=prompt, **wish),
        request=GenerationRequest(prompt=prompt, width=1024, height=576, num_images=4),
        images_per_call=1,
        adjustments=tuple(
            AdjustmentNote(
                kind=kind,
                asked="pencil-sketch",
                given="" if kind in texts_notes.LEFT_OUT else "1024x576",
            )
            for kind in AdjustmentKind
        ),
    )


def job_of(spec: JobSpec, state: JobState, reason: str | None = None, **data: Any) -> Job:
    return Job(
        id=1, chat_id=1, message_id=1, thread_id=None, user_id=1, chat_kind="private",
        provider="fake", model="a-model-of-a-rather-long-name", cost=4, spec=spec.dump(),
        state=state, reason=reason, reason_data=data, turn=1, attempts=1, lease=None,
        lease_until=None, cancel_requested=False, status_message_id=None,
        delivery=DeliveryState.PENDING, delivery_attempts=1, created_at=NOON, started_at=NOON,
        finished_at=NOON, deadline=NOON,
    )  # fmt: skip


def leaves(root: type) -> list[type]:
    children = root.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [root]


# Nothing without words.


def test_every_way_a_provider_fails_has_a_reason_with_words() -> None:
    known = [leaf for leaf in leaves(ProviderError) if leaf.__module__ == provider_errors.__name__]
    assert len(known) >= 12
    for error in set(known) - {Censored}:
        assert REASONS[error] in texts_failures.FAILURES, error


@pytest.mark.parametrize("reason", [*REASONS.values(), "gave_up", "waited_too_long", "internal"])
def test_every_reason_for_a_failure_is_told(reason: str) -> None:
    spec = spec_of("a fox")
    told = shown(texts.ended(job_of(spec, JobState.FAILED, reason), spec))
    assert shown(texts_failures.FAILURES[reason]) in told and "cost you nothing" in told


@pytest.mark.parametrize("reason", ["censored_prompt", "censored_image", "unchecked_blocked"])
@pytest.mark.parametrize("source", ["replicate", "<b>", None])
@pytest.mark.parametrize("categories", [[], ["sexual/minors", "gore", "<b>", "unheard-of"]])
def test_every_censored_outcome_is_told_as_such(
    reason: str, source: str | None, categories: list[str]
) -> None:
    spec = spec_of("a fox")
    job = job_of(spec, JobState.CENSORED, reason, source=source, categories=categories)
    told = shown(texts.ended(job, spec), MAX_CAPTION)
    assert "🚫" in told and "failed" not in told and "unheard-of" not in told
    assert "cost you nothing" in told
    if reason != "unchecked_blocked":
        assert (" for sexual content and violence" in told) is bool(categories)
        assert {"replicate": "Replicate censored", "<b>": "The service (<b>) censored"}.get(
            source or "", "The service censored"
        ) in told
        assert "Try other words" in told


def test_everyone_who_may_censor_has_a_name() -> None:
    for source in (*KNOWN_PROVIDERS, WORD_LIST, SERVICE):
        assert source in texts_moderation.CENSORS
        text = shown(texts_moderation.prompt_blocked(PromptBlocked(source, ("sexual",))))
        assert len(text) <= LONGEST_REFUSAL and "cost you nothing" in text and text[2].isupper()


def test_every_category_of_ours_has_words() -> None:
    ours = {name for name in shipped_lists().sections if not name.startswith("_")}
    assert ours and ours <= set(texts_moderation.CATEGORIES)


def test_every_use_case_refusal_has_words() -> None:
    known = {
        leaf
        for leaf in leaves(use_case_errors.UseCaseError)
        if leaf.__module__ == use_case_errors.__name__
    }
    assert len(known) >= 4 and known <= set(USE_CASE_TEXTS)


@pytest.mark.parametrize("trouble", PictureTrouble)
@pytest.mark.parametrize(("is_mask", "number"), [(False, None), (False, 2), (True, None)])
def test_every_trouble_with_a_picture_has_words(
    trouble: PictureTrouble, is_mask: bool, number: int | None
) -> None:
    text = shown(
        texts_pictures.picture_refused(PictureRefused(trouble, is_mask=is_mask, number=number)),
        LONGEST_REFUSAL,
    )
    assert "{" not in text and text[0].isupper()


@pytest.mark.parametrize("option", ["mask", "depth", "blend"])
@pytest.mark.parametrize("trouble", PicturesTrouble)
def test_every_wrong_set_of_pictures_has_words(trouble: PicturesTrouble, option: str) -> None:
    error = WrongPictures(trouble, option, "other")
    assert "{" not in shown(texts_pictures.wrong_pictures(error), LONGEST_REFUSAL)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("models", [(), ("<a>", "b")])
def test_every_mode_nobody_can_do_has_words(mode: Mode, models: tuple[str, ...]) -> None:
    shown(texts_pictures.mode_not_taken(ModeNotTaken(mode, models)), LONGEST_REFUSAL)


@pytest.mark.parametrize("field", texts_pictures.FAULTY_FIELDS)
def test_a_field_at_fault_is_told(field: str) -> None:
    spec = spec_of("a fox")
    job = job_of(spec, JobState.FAILED, "invalid_request", fields=["unheard_of", field])
    assert shown(texts_pictures.FAULTY_FIELDS[field]) in shown(texts.ended(job, spec))


@pytest.mark.parametrize("reason", ParseReason)
@pytest.mark.parametrize("nearest", [None, "<near>"])
@pytest.mark.parametrize("allowed", [(), ("1", "<2>")])
def test_every_parse_error_has_words(
    reason: ParseReason, nearest: str | None, allowed: tuple[str, ...]
) -> None:
    shown(texts.parse_error(ParseError(reason, "<option>", "<value>&", nearest, allowed)))


@pytest.mark.parametrize("reason", MisfitReason)
def test_every_misfit_has_words(reason: MisfitReason) -> None:
    shown(texts.misfit(Misfit(reason, "<asked>", "<limit>")))


@pytest.mark.parametrize("kind", AdjustmentKind)
@pytest.mark.parametrize("given_", ["", "<5>"])
def test_every_adjustment_is_noted(kind: AdjustmentKind, given_: str) -> None:
    note = AdjustmentNote(kind=kind, asked="<7>", given=given_)
    spec = spec_of("a fox").model_copy(update={"adjustments": (note,)})
    assert "Note:" in shown(texts.starting(spec))


@pytest.mark.parametrize(
    "text",
    [
        texts.quota_exceeded(QuotaExceeded(1, 4, NOON), TOKYO, NOON),
        texts.throttled(Throttled(7)),
        texts.unexpected("0badcafe"),
        texts.picture_lost("0badcafe"),
        texts.no_such_offer(NoSuchOffer("model", "<m>", None, ("<a>", "b"))),
        texts.no_such_offer(NoSuchOffer("provider", "<m>", "<a>", ())),
        texts.no_such_offer(NoSuchOffer(None)),
        texts.models([]),
        texts.models([FAKE_OFFER] * 20),
        texts.styles(["<odd>", *STYLE_NAMES]),
        texts.canceled_many(1),
        texts.canceled_many(20),
        texts.quota(QuotaView(0, 0, 0, 0, NOON), TOKYO, NOON),
        texts.quota(QuotaView(10, 30, 5, 2, NOON), TOKYO, NOON),
    ],
)
def test_every_answer_can_be_shown(text: str) -> None:
    shown(text)


def test_every_constant_text_can_be_shown() -> None:
    constants = [value for name, value in vars(texts).items() if name.isupper()]
    words = [value for value in constants if isinstance(value, str)]
    assert len(words) >= 15
    for text in words:
        shown(text)


def test_a_progress_bar_never_overflows() -> None:
    full = QuotaView(daily_limit=10, daily_left=10, extra_left=0, held=0, resets_at=NOON)
    more = QuotaView(daily_limit=10, daily_left=30, extra_left=0, held=0, resets_at=NOON)
    for view in (full, more):
        assert texts.quota(view, TOKYO, NOON).count("▰") == 12


# Whatever users type.


@settings(deadline=None, max_examples=150)
@given(prompts)
def test_a_jobs_message_can_always_be_shown(prompt: str) -> None:
    spec = spec_of(prompt, aspect_ratio=(16, 9))
    for text in (
        texts.queued(spec, None),
        texts.queued(spec, Standing(100_000, 1e7)),
        texts.starting(spec),
        texts.running(spec, 0.99),
        texts.stopping(spec),
        texts.ended(job_of(spec, JobState.CANCELED), spec),
        texts.ended(job_of(spec, JobState.FAILED, "internal", reference="<r>"), spec),
    ):
        shown(text, MAX_CAPTION)  # it may stand under a preview


@settings(deadline=None, max_examples=150)
@given(prompts, st.integers(0, 4), st.integers(0, 4))
def test_a_caption_always_fits(prompt: str, made: int, censored: int) -> None:
    spec = spec_of(prompt).model_copy(update={"inputs": JobInputs(lone_of_album=True)})
    notes = [{"kind": kind.value, "text": prompt} for kind in NoteKind]
    job = job_of(spec, JobState.SUCCEEDED, made=made, censored=censored, notes=notes)
    shown(texts.caption(job, spec, seeds=[2**63], seconds=1e6), MAX_CAPTION)


@settings(deadline=None, max_examples=300)
@given(st.one_of(prompts, prompts.map(lambda text: f"a fox --{text}")))
def test_whatever_is_typed_a_refusal_can_be_shown(text: str) -> None:
    parsed = parse_imagine(text, styles=STYLE_NAMES, models=["m"], providers=["p"])
    if not isinstance(parsed, ImagineCommand):
        refusal = texts.parse_error(parsed)
        shown(refusal)
        assert len(texts.plain(refusal).encode("utf-16-le")) // 2 <= 200


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(prompts, prompts), min_size=1, max_size=60))
def test_a_groups_notice_can_always_be_shown(refusals: list[tuple[str, str]]) -> None:
    notice = Notice(0.0)
    for name, text in refusals:
        parsed = parse_imagine(f"a --style {text}", styles=STYLE_NAMES, models=[], providers=[])
        if isinstance(parsed, ParseError):
            notice.add(name[:24], texts.parse_error(parsed))
    if notice.lines:
        shown(notice.text())


@pytest.mark.parametrize("prompt", HOSTILE)
def test_no_half_character_is_shown(prompt: str) -> None:
    text = shown(texts.starting(spec_of(prompt)))
    assert "\ufffd" not in text and text.encode()
