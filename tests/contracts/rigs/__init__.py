"""Every ImageProvider, each under a rig that makes it (or the service behind it) do as told."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.contracts.rigs.base import RemoteRig, Rig
from tests.contracts.rigs.fake import FakeRig
from tests.contracts.rigs.fusionbrain import FusionBrainRig
from tests.contracts.rigs.local import LocalRig
from tests.contracts.rigs.replicate import ReplicateRig

REMOTE_RIGS: dict[str, Callable[[AsyncExitStack], RemoteRig]] = {
    "fake": FakeRig,
    "fusionbrain": FusionBrainRig,
    "replicate": ReplicateRig,
}
RIGS: dict[str, Callable[[AsyncExitStack], Rig]] = {**REMOTE_RIGS, "local": LocalRig}
