import pytest

from providers.errors import InvalidRequest
from providers.local.families import DEMO_FAMILY, FAMILIES, offer_of
from providers.local.schedulers import CLASSES, scheduler_for, scheduler_key, steps_to_run
from tests.providers.local.models import ddpm, diffusers

pytestmark = pytest.mark.local


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ddpm", "ddpm"),
        ("DDIM", "ddim"),
        ("DDIMScheduler", "ddim"),
        ("DPM++", "dpm++"),
        ("dpm++ 2m", "dpm++"),
        ("DPMSolverMultistepScheduler", "dpm++"),
    ],
)
def test_spellings(name: str, key: str) -> None:
    assert scheduler_key(name) == key


def test_every_one_on_offer_is_known() -> None:
    offered = [offer_of(family, "x").schedulers for family in (DEMO_FAMILY, *FAMILIES)]
    assert any(offered)
    assert {scheduler_key(name) for names in offered for name in names} == set(CLASSES)


@pytest.mark.parametrize("name", ["", "Euler a", "UniPC", "PNDM", "os.system", "x" * 1000])
def test_any_other_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        scheduler_for(ddpm(), name)
    assert refused.value.fields == ("scheduler",)
    assert len(refused.value.detail) < 200 and "\n" not in refused.value.detail


@pytest.mark.parametrize("name", [None, "ddpm", "ddim", "dpm++"])
def test_each_call_has_a_scheduler_of_its_own(name: str | None) -> None:
    own = ddpm()
    one, other = scheduler_for(own, name), scheduler_for(own, name)
    assert one is not other and one is not own
    learned = getattr(one.config, "variance_type", None) == "learned_range"
    assert learned == (name in {None, "ddpm"})
    assert one.config.beta_end == own.config.beta_end


def test_a_flow_model_keeps_its_own() -> None:
    flow = diffusers.FlowMatchEulerDiscreteScheduler()
    assert type(scheduler_for(flow, None)) is type(flow)
    with pytest.raises(InvalidRequest):
        scheduler_for(flow, "ddim")


@pytest.mark.parametrize(
    ("steps", "strength", "run"),
    [(50, 0.3, 15), (10, 0.29, 2), (100, 0.29, 29), (5, 0.0, 1), (1, 0.5, 1), (8, 1.0, 8)],
)
def test_at_least_one_step_runs(steps: int, strength: float, run: int) -> None:
    assert steps_to_run(steps, strength) == run
