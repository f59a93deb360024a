"""Which pipeline is chosen."""

import itertools

import pytest

from providers.errors import BadAnswer, ServiceGone, Unavailable
from providers.fusionbrain_pipelines import choose, parse_listing

GOOD = {"name": "Kandinsky", "status": "ACTIVE", "type": "TEXT2IMAGE"}


def chosen(*entries: object) -> str:
    return choose(parse_listing(list(entries))).id


def entry(version: object, **changes: object) -> dict[str, object]:
    return GOOD | {"id": f"v{version}".replace(".", "-"), "version": version} | changes


@pytest.mark.parametrize("order", list(itertools.permutations([3.1, 3.0, 3.2, 2.2])))
def test_the_highest_3_wherever_it_stands(order: tuple[float, ...]) -> None:
    assert chosen(*map(entry, order)) == "v3-2"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (entry("3.10"), entry("3.9")),
        (entry("3.1.1"), entry(3.1)),
        (entry(3.0), entry(None)),
        (entry(3.0), entry(3.5, name="Animals")),
        (entry(3.0), entry(3.5, status="DISABLED_MANUALLY")),
        (entry(3.0), entry(3.5, status="DISABLED_BY_QUEUE")),
        (entry(3.0), entry(3.5, type="IMAGE2VIDEO")),
        (entry(3.0), entry(3.5, id=None)),
        (entry(3.0), entry(3.5, id="../x")),
        (entry(3.0), entry(True, id="x")),
        (entry(3), entry(2.99)),
        (entry(3.1, name="Кандинский"), entry(3.2, name="Other")),
        (entry(3.1, name="?", nameEn="Kandinsky"), entry(3.2, name="Other")),
    ],
)
def test_which_of_two(better: dict[str, object], worse: dict[str, object]) -> None:
    assert chosen(better, worse) == chosen(worse, better) == better["id"]


def test_one_that_says_little_is_better_than_none() -> None:
    assert chosen({"id": "010f229d-d4e6-44f5-8485-b5a6013b6412", "status": "ACTIVE"})
    assert chosen({"id": 4}) == "4"
    assert chosen({"uuid": "as-documented", "version": 3.0}) == "as-documented"


@pytest.mark.parametrize("entries", [[], [entry(2.2), entry(4.0)], [entry(4.0)], [5, None, []]])
def test_no_3_at_all_is_a_service_gone(entries: list[object]) -> None:
    with pytest.raises(ServiceGone):
        chosen(*entries)


def test_all_disabled_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        chosen(entry(3.1, status="DISABLED_BY_QUEUE"), entry(2.2))


@pytest.mark.parametrize("value", [None, {}, "x", 5])
def test_no_list(value: object) -> None:
    with pytest.raises(BadAnswer):
        parse_listing(value)
