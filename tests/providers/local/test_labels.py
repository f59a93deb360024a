"""What a classifier's labels come to, without any classifier."""

import pytest

from providers.local.labels import ALLOWED, BLOCKED, Labels, UnknownLabels
from providers.types import Verdict, VerdictStatus

FIVE = ("drawings", "hentai", "neutral", "porn", "sexy")
BLOCKED_STATUS, ALLOWED_STATUS = VerdictStatus.BLOCKED, VerdictStatus.ALLOWED
UNCHECKED_STATUS = VerdictStatus.UNCHECKED


def exclusive(*names: str) -> Labels:
    return Labels(names, exclusive=True)


@pytest.mark.parametrize(
    ("shares", "status", "categories"),
    [
        ((0.9, 0.0, 0.1, 0.0, 0.0), ALLOWED_STATUS, ()),
        ((0.1, 0.0, 0.0, 0.9, 0.0), BLOCKED_STATUS, ("porn",)),
        ((0.2, 0.3, 0.2, 0.3, 0.0), BLOCKED_STATUS, ("hentai",)),  # neither alone, but together
        ((0.5, 0.1, 0.0, 0.1, 0.3), BLOCKED_STATUS, ("sexy",)),  # in doubt
        ((0.51, 0.1, 0.0, 0.1, 0.29), ALLOWED_STATUS, ()),
        ((float("nan"),) * 5, UNCHECKED_STATUS, ()),
    ],
)
def test_shares_of_one_kind_count_together(
    shares: tuple[float, ...], status: VerdictStatus, categories: tuple[str, ...]
) -> None:
    verdict = exclusive(*FIVE).verdict(shares)
    assert (verdict.status, verdict.categories) == (status, categories)


def test_a_blocked_verdict_says_all() -> None:
    verdict = exclusive("Normal", "NSFW").verdict((0.1, 0.9))
    assert verdict == Verdict(BLOCKED_STATUS, "image", "local", ("nsfw",), sensitive=True)


def test_a_label_without_meaning_is_no_all_clear() -> None:
    labels = exclusive("normal", "nsfw", "meme")
    assert labels.verdict((0.2, 0.2, 0.6)).status is UNCHECKED_STATUS
    assert labels.verdict((0.6, 0.2, 0.2)).status is ALLOWED_STATUS


def test_labels_that_stand_for_themselves() -> None:
    labels = Labels(("nudity", "gore", "cats"), exclusive=False)
    assert labels.verdict((0.4, 0.4, 0.0)).status is ALLOWED_STATUS
    assert labels.verdict((0.1, 0.5, 0.0)).categories == ("gore",)
    assert labels.verdict((0.1, 0.1, 0.9)).status is UNCHECKED_STATUS
    assert labels.verdict((float("nan"), 0.1, 0.0)).status is UNCHECKED_STATUS


@pytest.mark.parametrize(
    "label", ["Not_Safe-For  Work", "not safe for work", "Enticing or Sensual"]
)
def test_spelling_does_not_matter(label: str) -> None:
    assert exclusive("SFW", label).verdict((0.3, 0.7)).status is BLOCKED_STATUS


@pytest.mark.parametrize(
    "names",
    [
        ("LABEL_0", "LABEL_1"),
        ("normal", "sfw"),  # nothing would ever be blocked
        ("porn", "violence"),  # everything would
        tuple(f"thing {number}" for number in range(1000)),
    ],
)
def test_labels_that_can_not_tell_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(UnknownLabels) as refused:
        exclusive(*names)
    assert names[0] in str(refused.value) and len(str(refused.value)) < 200


def test_labels_come_in_the_order_of_their_numbers() -> None:
    config = {"id2label": {str(n): f"label {n}" for n in range(11)} | {"2": "nsfw", "10": "sfw"}}
    assert Labels.of(config).names[2] == "nsfw" and Labels.of(config).names[10] == "sfw"


@pytest.mark.parametrize("config", [{}, {"id2label": {}}, {"id2label": "nsfw"}])
def test_a_model_without_labels_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(UnknownLabels, match="id2label"):
        Labels.of(config)


def test_no_label_means_both() -> None:
    assert not BLOCKED & ALLOWED


@pytest.mark.parametrize(
    ("names", "shares", "sensitive"),
    [
        (("sfw", "nsfw"), (0.1, 0.9), True),
        (("neutral", "porn", "gore"), (0.1, 0.85, 0.05), True),
        (("neutral", "porn", "gore"), (0.1, 0.6, 0.3), False),  # gore besides
        (("neutral", "porn", "gore"), (0.1, 0.0, 0.9), False),
        (("safe", "unsafe"), (0.1, 0.9), False),  # it may be anything
    ],
)
def test_nudity_alone_is_sensitive(
    names: tuple[str, ...], shares: tuple[float, ...], sensitive: bool
) -> None:
    verdict = exclusive(*names).verdict(shares)
    assert verdict.status is BLOCKED_STATUS and verdict.sensitive is sensitive
