"""How much of a prompt a model reads, counted with its own tokenizer."""

from typing import Any


def unread(tokenizer: Any, prompt: str, limit: int | None = None) -> str:
    """The end of the prompt that lies beyond the tokenizer's limit, or the smaller one given."""
    limit = min(limit or tokenizer.model_max_length, tokenizer.model_max_length)
    if len(prompt.encode()) + 2 <= limit:  # no token is shorter than a byte
        return ""
    tokens = tokenizer(prompt, truncation=False, verbose=False)["input_ids"]
    if len(tokens) <= limit:
        return ""
    closing = tokenizer.num_special_tokens_to_add() - 1  # the one at the start counts as read
    return _text_after(tokenizer, prompt, tokens, limit - max(0, closing))


def _text_after(tokenizer: Any, prompt: str, tokens: list[int], first: int) -> str:
    """From the character where token number `first` begins; slow tokenizers only spell it."""
    if tokenizer.is_fast:
        offsets = tokenizer(prompt, return_offsets_mapping=True, verbose=False)["offset_mapping"]
        return prompt[offsets[first][0] :].strip()
    return str(tokenizer.decode(tokens[first:], skip_special_tokens=True)).strip()
