"""The breaker by itself: few examples, and a machine that does everything in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from providers.breaker import FAILURES, FIRST_REST, LONGEST_REST, PROBE_TIME, Breaker, Entrance


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def make() -> tuple[Breaker, Time]:
    time = Time()
    return Breaker(time, lambda: 1.0), time


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        entrance = breaker.enter()
        assert entrance is not None
        breaker.failed(entrance)
        breaker.leave(entrance)


def test_a_run_of_failures_opens_it_and_fewer_do_not() -> None:
    breaker, _ = make()
    fail(breaker, FAILURES - 1)
    breaker.succeeded()
    fail(breaker, FAILURES - 1)
    assert breaker.is_closed
    fail(breaker)
    assert not breaker.is_closed
    assert breaker.wait == FIRST_REST
    assert breaker.enter() is None


def test_after_its_rest_exactly_one_is_let_in() -> None:
    breaker, time = make()
    fail(breaker, FAILURES)
    time.now += FIRST_REST
    assert breaker.wait == 0
    probe = breaker.enter()
    assert probe is not None
    assert breaker.enter() is None
    assert breaker.wait == PROBE_TIME
    breaker.succeeded()
    assert breaker.is_closed and breaker.enter() is not None


def test_a_failed_probe_opens_it_for_longer_and_longer() -> None:
    breaker, time = make()
    fail(breaker, FAILURES)
    rests = []
    for _ in range(8):
        rests.append(breaker.wait)
        time.now += breaker.wait
        fail(breaker)
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST


def test_a_probe_that_tells_nothing_makes_room_for_the_next() -> None:
    breaker, time = make()
    fail(breaker, FAILURES)
    time.now += FIRST_REST
    probe = breaker.enter()
    assert probe is not None
    breaker.leave(probe)
    assert breaker.enter() is not None


def test_those_let_in_before_it_opened_neither_free_nor_fail_the_probe() -> None:
    breaker, time = make()
    early = breaker.enter()
    assert early is not None
    fail(breaker, FAILURES)
    time.now += FIRST_REST
    assert breaker.enter() is not None
    breaker.failed(early)
    breaker.leave(early)
    assert breaker.enter() is None
    assert breaker.wait == PROBE_TIME


def test_it_can_be_opened_for_a_known_time() -> None:
    breaker, time = make()
    breaker.trip(600)
    assert breaker.wait == 600
    time.now += 600
    assert breaker.enter() is not None


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.breaker, self.time = make()
        self.inside: list[Entrance] = []
        self.probe: Entrance | None = None

    @rule()
    def enter(self) -> None:
        was_closed, wait = self.breaker.is_closed, self.breaker.wait
        entrance = self.breaker.enter()
        assert (entrance is None) == (wait > 0)
        if entrance is None:
            return
        self.inside.append(entrance)
        if not was_closed:
            assert self.probe is None, "two probes at once"
            self.probe = entrance

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), how=st.sampled_from(["good", "bad", "silent"]))
    def leave(self, data: st.DataObject, how: str) -> None:
        entrance = data.draw(st.sampled_from(self.inside))
        if how == "good":
            self.breaker.succeeded()
            self.probe = None
        elif how == "bad":
            self.breaker.failed(entrance)
        self.breaker.leave(entrance)
        self.inside = [each for each in self.inside if each is not entrance]
        if entrance is self.probe:
            self.probe = None

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.time.now += seconds

    @rule()
    def trip(self) -> None:
        self.breaker.trip()
        self.probe = None

    @invariant()
    def it_never_stays_shut_for_ever(self) -> None:
        assert 0 <= self.breaker.wait <= LONGEST_REST + 1e-6
        if self.breaker.is_closed:
            assert self.breaker.wait == 0


TestMachine = Machine.TestCase
