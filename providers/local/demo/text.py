"""Stage 3: the tokenizer, and the CLIP text tower, which learns what captions say of a picture."""

import json
import random
import string
from pathlib import Path
from typing import TYPE_CHECKING

from providers.local.demo.captions import Caption, caption
from providers.local.demo.code import WIDTH, decode, encode_all
from providers.local.demo.scene import random_scene
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import torch
    import transformers

TOKENS = 32
VOCABULARY = 1500
BOS, EOS = "<|startoftext|>", "<|endoftext|>"


def train_tokenizer(texts: int = 40000) -> "transformers.CLIPTokenizer":
    """Byte-level BPE: known words are one token each, and any text at all can be spelled."""
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    rng = random.Random(3)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    letters = [*alphabet, *(letter + "</w>" for letter in alphabet)]
    empty = transformers.CLIPTokenizer(
        vocab={letter: n for n, letter in enumerate([*letters, BOS, EOS])}, merges=[]
    )
    learner = Tokenizer(models.BPE(unk_token=EOS, end_of_word_suffix="</w>"))
    learner.normalizer = empty.backend_tokenizer.normalizer
    learner.pre_tokenizer = empty.backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learner.train_from_iterator((random_caption(rng).text for _ in range(texts)), trainer)
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]
    words = dict.fromkeys([*letters, *("".join(pair) for pair in merges), BOS, EOS])
    return transformers.CLIPTokenizer(
        vocab={word: n for n, word in enumerate(words)}, merges=merges, model_max_length=TOKENS
    )


def build(tokenizer: "transformers.CLIPTokenizer") -> "transformers.CLIPTextModelWithProjection":
    import transformers

    return transformers.CLIPTextModelWithProjection(
        transformers.CLIPTextConfig(
            hidden_size=128,
            projection_dim=WIDTH,
            intermediate_size=256,
            num_attention_heads=4,
            num_hidden_layers=3,
            vocab_size=len(tokenizer),
            max_position_embeddings=TOKENS,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def train(
    tokenizer: "transformers.CLIPTokenizer", pace: Pace
) -> "transformers.CLIPTextModelWithProjection":
    """Regression: from the caption to the embedding of what it names."""
    import torch

    torch.manual_seed(1)
    rng = random.Random(1)
    tower = build(tokenizer)

    def loss(_: int) -> "torch.Tensor":
        captions = [random_caption(rng) for _ in range(pace.batch)]
        target = torch.from_numpy(encode_all([each.values for each in captions]))
        ids, _mask = tokens(tokenizer, [each.text for each in captions], padding="longest")
        with computing_fast():
            said = tower(ids).text_embeds
        return (said.float() - target).square().mean()

    return fit("text", tower, loss, pace)


def random_caption(rng: random.Random) -> Caption:
    """Any caption; of held-out pairs too, since words can be known without the pictures.

    Some have words in them that mean nothing here, and a few say nothing at all.
    """
    if rng.random() < 0.02:
        return Caption("", {})
    said = caption(random_scene(rng, held_out=rng.random() < 0.05), rng)
    if rng.random() < 0.15:
        words = said.text.split(" ")
        for _ in range(rng.randint(1, 3)):
            words.insert(rng.randint(0, len(words)), _nonsense(rng))
        return Caption(" ".join(words), said.values)
    return said


def _nonsense(rng: random.Random) -> str:
    letters = rng.choice((string.ascii_lowercase, "абвгдежзийклмнопрстуфхцчшщьыэюя"))
    return "".join(rng.choices(letters, k=rng.randint(3, 9)))


def tokens(
    tokenizer: "transformers.CLIPTokenizer", texts: list[str], padding: str = "max_length"
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Ids and mask, (len(texts), TOKENS) each, exactly as the pipelines make them.

    padding: `longest` gives fewer columns, and the same embeddings.
    """
    batch = tokenizer(
        texts, padding=padding, max_length=TOKENS, truncation=True, return_tensors="pt"
    )
    return batch.input_ids, batch.attention_mask


def accuracy(
    tokenizer: "transformers.CLIPTokenizer",
    tower: "transformers.CLIPTextModelWithProjection",
    seed: str,
    count: int,
) -> float:
    """The share of unseen captions of which every attribute is understood."""
    import torch

    rng = random.Random(seed)
    captions = [caption(random_scene(rng), rng) for _ in range(count)]
    with torch.no_grad():
        said = tower(tokens(tokenizer, [each.text for each in captions])[0]).text_embeds.numpy()
    right = (decode(row) == each.values for row, each in zip(said, captions, strict=True))
    return sum(right) / count


def save(
    folder: Path,
    tokenizer: "transformers.CLIPTokenizer",
    tower: "transformers.CLIPTextModelWithProjection",
) -> None:
    tokenizer.save_pretrained(folder / "prior_tokenizer")
    tower.save_pretrained(folder / "prior_text_encoder")


def load(
    folder: Path,
) -> tuple["transformers.CLIPTokenizer", "transformers.CLIPTextModelWithProjection"]:
    import transformers

    tower = transformers.CLIPTextModelWithProjection.from_pretrained(folder / "prior_text_encoder")
    return transformers.CLIPTokenizer.from_pretrained(folder / "prior_tokenizer"), tower.eval()
