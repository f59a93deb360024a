from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.shares import Share, request_for, shares_of
from providers.types import GenerationRequest

takens = st.lists(st.builds(Share, st.integers(0, 9), st.integers(1, 5)), max_size=5)


def numbers(shares: list[Share]) -> list[int]:
    return [n for share in shares for n in range(share.first, share.first + share.count)]


def test_shares() -> None:
    assert shares_of(4, [], 4) == [Share(0, 4)]
    assert shares_of(4, [], 1) == [Share(0, 1), Share(1, 1), Share(2, 1), Share(3, 1)]
    assert shares_of(4, [], 3) == [Share(0, 3), Share(3, 1)]
    assert shares_of(4, [Share(1, 1)], 4) == [Share(0, 1), Share(2, 2)]
    assert shares_of(4, [Share(0, 4)], 4) == []


@given(st.integers(1, 10), takens, st.integers(1, 10))
def test_each_missing_picture_is_in_exactly_one_share(
    total: int, taken: list[Share], at_once: int
) -> None:
    shares = shares_of(total, taken, at_once)
    assert numbers(shares) == sorted(set(range(total)) - set(numbers(taken)))
    assert all(1 <= share.count <= at_once for share in shares)


def test_a_picture_has_its_seed_in_whatever_share() -> None:
    whole = GenerationRequest(prompt="x", width=8, height=8, num_images=4, seed=7)
    request = request_for(Share(2, 2), whole)
    assert (request.seed, request.num_images) == (9, 2)
    unseeded = whole.model_copy(update={"seed": None})
    assert request_for(Share(2, 2), unseeded).seed is None
