"""A made-up button named a draft of another kind: its data could not be read, and the press failed
with a reference instead of words. Found by fuzzing.
"""

from pathlib import Path

from storage.records import NewDraft
from tests.contracts.building import NOW
from tests.fuzz.stage import ANN, Stage, stage


async def question_on(on: Stage) -> int:
    data = {"job": 1, "number": 1, "message": 7}
    new = NewDraft(chat_id=ANN, user_id=ANN, thread_id=None, kind="edit", data=data)
    async with on.storage.transaction() as tx:
        return (await tx.drafts.create(new, now=NOW)).id


async def test_it_is_told_as_gone(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        draft = await question_on(on)
        for data in (f"gw:{draft}", f"gp:{draft}:style", f"gn:{draft}:2"):
            calls = dict(await on.press(data, ANN, ANN))
            assert "earlier request" in calls["answerCallbackQuery"], data
        async with on.storage.reading() as view:
            assert await view.drafts.get(draft) is not None
