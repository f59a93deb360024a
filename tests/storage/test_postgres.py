"""What only a server can do: refuse us."""

import pytest
from sqlalchemy import make_url

from storage.engine import open_storage
from storage.errors import DatabaseUnusable
from tests.storage.databases import POSTGRES_URL

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"database": "no_such_database"}, '"no_such_database" does not exist'),
        ({"username": "no_such_role", "password": "a-secret"}, "no_such_role"),
        ({"port": 1}, "Connect call failed"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
async def test_a_server_that_refuses_us_is_told_in_one_line(changes: dict, words: str) -> None:
    if POSTGRES_URL is None:
        pytest.skip("TEST_DATABASE_URL is not set")
    url = make_url(POSTGRES_URL).set(**changes)
    with pytest.raises(DatabaseUnusable) as refused:
        await open_storage(url.render_as_string(hide_password=False))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value) and "a-secret" not in str(refused.value)
