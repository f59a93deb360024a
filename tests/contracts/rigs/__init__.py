"""Every ImageProvider, each under a rig that makes it (or the service behind it) do as told."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.contracts.rigs.base import RemoteRig, Rig, SynchronousRig
from tests.contracts.rigs.fake import FakeRig
from tests.contracts.rigs.local import LocalRig
from tests.contracts.rigs.replicate import ReplicateRig
from tests.contracts.rigs.segmind import SegmindRig, SegmindV2Rig

REMOTE_RIGS: dict[str, Callable[[AsyncExitStack], RemoteRig]] = {
    "fake": FakeRig,
    "replicate": ReplicateRig,
    "segmind": SegmindRig,
    "segmind-v2": SegmindV2Rig,
}
SYNCHRONOUS_RIGS: dict[str, Callable[[AsyncExitStack], SynchronousRig]] = {
    "segmind": SegmindRig,
}
RIGS: dict[str, Callable[[AsyncExitStack], Rig]] = {**REMOTE_RIGS, "local": LocalRig}
