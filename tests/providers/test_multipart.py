"""The bodies are read back by a parser that isn't ours."""

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.multipart import Part, encode_multipart, text_part


def read_back(content_type: str, body: bytes) -> list[Message]:
    whole = f"Content-Type: {content_type}\r\n\r\n".encode() + body
    message = BytesParser(policy=HTTP).parsebytes(whole)
    assert message.is_multipart() and not message.defects
    return list(message.iter_parts())


def test_fields_and_files_each_with_a_type_of_its_own() -> None:
    fields, params, file = read_back(
        *encode_multipart(
            [
                text_part("pipeline_id", 4),
                text_part("params", '{"query": "лиса"}', "application/json"),
                Part("image[]", b"\x89PNG\r\n\x1a\n", "image/png", "image.png"),
            ]
        )
    )
    assert fields["Content-Disposition"] == 'form-data; name="pipeline_id"'
    assert fields["Content-Type"] is None
    assert fields.get_payload(decode=True) == b"4"
    assert params.get_content_type() == "application/json"
    assert params.get_payload(decode=True).decode() == '{"query": "лиса"}'
    assert file["Content-Disposition"] == 'form-data; name="image[]"; filename="image.png"'
    assert file.get_content_type() == "image/png"


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=4))
def test_any_bytes_come_out_as_they_went_in(data: list[bytes]) -> None:
    content_type, body = encode_multipart(
        Part(f"p{index}", each, "application/octet-stream") for index, each in enumerate(data)
    )
    boundary = content_type.partition("boundary=")[2].encode()
    between = body.removesuffix(b"--" + boundary + b"--\r\n").split(b"--" + boundary + b"\r\n")[1:]
    assert [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in between] == data


def test_two_bodies_have_two_boundaries() -> None:
    assert encode_multipart([])[0] != encode_multipart([])[0]


@pytest.mark.parametrize("word", ['a"b', "a\r\nX-Injected: 1", "", "a b", "é"])
def test_a_name_that_would_need_quoting_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        Part(word, b"")
    with pytest.raises(ValueError, match="plain name"):
        Part("a", b"", filename=word)


@pytest.mark.parametrize("kind", ["json", "text/plain\r\nX: 1", ""])
def test_a_content_type_must_be_one(kind: str) -> None:
    with pytest.raises(ValueError, match="content type"):
        Part("a", b"", kind)


def test_data_is_not_printed() -> None:
    assert "secret" not in repr(Part("a", b"secret"))
