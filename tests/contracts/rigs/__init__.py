"""Every ImageProvider, each under a rig that makes it (or the service behind it) do as told."""

from tests.contracts.rigs.base import RemoteRig, Rig
from tests.contracts.rigs.fake import FakeRig
from tests.contracts.rigs.fusionbrain import FusionBrainRig
from tests.contracts.rigs.http import HttpRig
from tests.contracts.rigs.local import LocalRig
from tests.contracts.rigs.nebula import NebulaRig
from tests.contracts.rigs.openai import OpenAIRig, OpenAIUrlsRig
from tests.contracts.rigs.replicate import ReplicateRig
from tests.contracts.rigs.segmind import SegmindRig, SegmindV2Rig

HTTP_RIGS: dict[str, type[HttpRig]] = {
    "fusionbrain": FusionBrainRig,
    "replicate": ReplicateRig,
    "segmind": SegmindRig,
    "segmind-v2": SegmindV2Rig,
    "nebula": NebulaRig,
    "openai": OpenAIRig,
    "openai-urls": OpenAIUrlsRig,
}
REMOTE_RIGS: dict[str, type[RemoteRig]] = {"fake": FakeRig, **HTTP_RIGS}
RIGS: dict[str, type[Rig]] = {**REMOTE_RIGS, "local": LocalRig}
