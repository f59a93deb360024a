"""What people, clients and strangers type."""

from hypothesis import strategies as st

from providers.styles import STYLES

PIECES = [
    "a fox", "--n", "4", "--ar", "16:9", "1:0", "--seed", "-1", "9" * 30, "--style", "anime", "—no",
    "\u2013", "--", "-", '"', "“", "”", "'", "<b>", "</b>", "&", "&amp;", "--steps", "1e9", "nan", "--via",
    "--model", "fake-model", "\u202e", "\x00", "\n", "/imagine", "@", "{0}", "%s", "٣", "🦊", "=",
    *[style.name for style in STYLES][:4],
]  # fmt: skip

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
typed = st.one_of(anything, st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
