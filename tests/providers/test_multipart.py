"""The form as another implementation reads it."""

from email import message_from_bytes
from email.message import Message

from hypothesis import given
from hypothesis import strategies as st

from providers.multipart import Part, encode_form


def read(content_type: str, body: bytes) -> list[Message]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    return [part for part in message.get_payload() if isinstance(part, Message)]


def test_a_part_has_its_own_content_type_or_none() -> None:
    form = encode_form([Part("pipeline_id", b"a-1"), Part("params", b"{}", "application/json")])
    plain, typed = read(*form)
    assert plain.get_param("name", header="content-disposition") == "pipeline_id"
    assert "Content-Type" not in plain
    assert typed.get_param("name", header="content-disposition") == "params"
    assert typed["Content-Type"] == "application/json"
    assert [part.get_payload() for part in (plain, typed)] == ["a-1", "{}"]


def test_the_body_to_the_byte() -> None:
    content_type, body = encode_form([Part("a", b"1"), Part("b", b"2", "text/plain")])
    line = content_type.partition("boundary=")[2].encode()
    assert body == (
        b"--" + line + b'\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b"--" + line + b'\r\nContent-Disposition: form-data; name="b"\r\n'
        b"Content-Type: text/plain\r\n\r\n2\r\n"
        b"--" + line + b"--\r\n"
    )


@given(st.binary(max_size=200))
def test_any_value_arrives_whole(value: bytes) -> None:
    content_type, body = encode_form([Part("file", value, "application/octet-stream")])
    line = content_type.partition("boundary=")[2].encode()
    assert body.split(b"\r\n\r\n", 1)[1] == value + b"\r\n--" + line + b"--\r\n"


def test_no_two_forms_share_a_boundary() -> None:
    assert encode_form([])[0] != encode_form([])[0]
