"""Whatever is typed after the bot's name, and whatever a client says was chosen, is answered."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.handlers.inline import DRAW
from bot.playground import ANN, GROUP
from providers.testing import FakeProvider
from tests.bot.harness import Flow, flow

STORAGE = -1002000000050
TYPED = st.one_of(
    st.text(max_size=256),
    st.lists(
        st.sampled_from(
            ["a fox", "--n", "4", "--ar", "1:1", "--seed", "—no", '"', "<b>", "&", "-1"]
        ),
        max_size=8,
    ).map(" ".join),
)
RESULTS = st.one_of(st.just(DRAW), st.text(max_size=64))


async def answered_all(chat: Flow, typed: list[str], results: list[str]) -> None:
    for words in typed:
        query = await chat.playground.ask_inline(ANN, GROUP, words)
        assert query.answer is not None and (query.answer.results or query.answer.button)
    for words, result_id in zip(typed, results, strict=False):
        world = chat.playground.world
        facts = {"id": ANN, "is_bot": False, "first_name": "Ann"}
        update = {"result_id": result_id, "from": facts, "query": words}
        world.updates.add(
            "chosen_inline_result", update | {"inline_message_id": f"made up {words}"}
        )
    await chat.say("/help")
    await chat.see_text("/quota")


async def test_typed_and_chosen_at_random(tmp_path: Path) -> None:
    examples: list[tuple[str, str]] = []

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(TYPED, RESULTS)
    def collect(words: str, result_id: str) -> None:
        examples.append((words, result_id))

    collect()
    async with flow(tmp_path, FakeProvider(), storage_chat_id=STORAGE, daily_quota=2) as chat:
        typed = [words for words, _ in examples]
        await answered_all(chat, typed, [result_id for _, result_id in examples])
        edits = chat.calls("editMessageText")
        assert edits and not any("went wrong" in call.params["text"] for call in edits)
