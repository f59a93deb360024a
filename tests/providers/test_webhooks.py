"""The signature check, on the scheme's public example and on what is one bit off it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.webhooks import TOLERANCE, is_signed, signing_key
from tests.fakes.replicate_calls import SECRET, signed_headers

VECTOR = json.loads(
    (Path(__file__).parent.parent / "data/replicate/webhook_vector.json").read_text()
)
HEADERS = {name.lower(): value for name, value in VECTOR["headers"].items()}
BODY = VECTOR["body"].encode()
KEY = signing_key(VECTOR["secret"])
SENT = datetime.fromtimestamp(int(HEADERS["webhook-timestamp"]), UTC)
GOOD = HEADERS["webhook-signature"]
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


def holds(body: bytes = BODY, now: datetime = SENT, key: bytes = KEY, **headers: str) -> bool:
    changes = {f"webhook-{name}": value for name, value in headers.items()}
    return is_signed(HEADERS | changes, body, key=key, now=now)


def test_the_public_example_holds() -> None:
    assert holds()


def test_the_fake_signs_as_the_example_does() -> None:
    ident, at = HEADERS["webhook-id"], SENT.timestamp()
    made = signed_headers(BODY, at=at, secret=VECTOR["secret"], ident=ident)
    assert made["Webhook-Signature"] == GOOD


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY + b" "},
        {"body": b""},
        {"id": "msg_other"},
        {"timestamp": str(int(SENT.timestamp()) + 1)},
        {"key": b"another"},
        {"signature": ""},
        {"signature": "v1,"},
        {"signature": OTHER},
        {"signature": GOOD.replace("v1,", "v1a,")},
        {"signature": GOOD.removeprefix("v1,")},
        {"signature": GOOD[:-1]},
        {"signature": GOOD + "x"},
        {"signature": "v1,\udcff"},
        {"signature": "v1,ü"},
    ],
)
def test_one_change_and_it_does_not(changed: dict) -> None:
    assert not holds(**changed)


@pytest.mark.parametrize("signature", [f"{OTHER} {GOOD}", f"{GOOD} {OTHER}", f"v2,x v1,{GOOD[3:]}"])
def test_one_of_several_signatures_is_enough(signature: str) -> None:
    assert holds(signature=signature)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, True), (TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + 1, False), (-301, False)],
)
def test_an_old_call_is_refused_and_so_is_one_from_the_future(seconds, expected) -> None:
    assert holds(now=SENT + timedelta(seconds=seconds)) is expected


@pytest.mark.parametrize(
    "stamp", ["", "x", "-1", "1e9", "1614265330.5", "٣", "9" * 400, " 1614265330"]
)
def test_a_timestamp_that_is_none(stamp: str) -> None:
    assert not holds(timestamp=stamp)


def test_no_headers_at_all() -> None:
    assert not is_signed({}, BODY, key=KEY, now=SENT)


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]),
        st.text(max_size=40) | st.sampled_from([GOOD, str(int(SENT.timestamp()))]),
    ),
    st.binary(max_size=40),
)
def test_whatever_comes_is_refused_and_raises_nothing(headers: dict, body: bytes) -> None:
    assert not is_signed(headers, body, key=KEY, now=SENT)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_a", "whsec_ä"]
)
def test_a_secret_that_is_none_is_refused_unquoted(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and base64") as refused:
        signing_key(secret)
    assert SECRET[6:] not in str(refused.value)
