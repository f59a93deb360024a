"""The documents' links lead somewhere, and one that doesn't is named."""

from pathlib import Path

import pytest

from tests.checks import links


def test_the_documents_are_found() -> None:
    names = {path.name for path in links.documents()}
    assert {"README.md", "operations.md", "0001-own-polling-loop.md"} <= names
    assert sum(len(list(links.links_in(path.read_text()))) for path in links.documents()) >= 20


def test_every_link_leads_somewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert links.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize("link", ["gone.md", "there.md#gone", "#gone", "pictures/gone.png"])
def test_a_dead_link_is_named(link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ROOT", tmp_path)
    (tmp_path / "there.md").write_text("# What *is* there?\n\n## Twice\n\n## Twice\n")
    here = tmp_path / "here.md"
    here.write_text(
        "[a](there.md#what-is-there) [b](there.md#twice-1) [c](https://example.org/gone)\n"
        f"`[d](code.md)`\n\n    [e](code.md)\n\n[f]({link})\n"
    )
    (fault,) = links.faults_of(here)
    assert fault.startswith(f"here.md: {link}: no such")
