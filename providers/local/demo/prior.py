"""Stage 4: the prior, a small diffusion model from texts to embeddings of pictures."""

import random
from typing import TYPE_CHECKING

from providers.local.demo.code import WIDTH, encode_all
from providers.local.demo.text import TOKENS, random_caption, tokens
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import diffusers
    import torch
    import transformers

EMPTY = 0.1
"""How often the text is empty: the prior has to know what no text means."""


def build() -> "diffusers.PriorTransformer":
    import diffusers

    prior = diffusers.PriorTransformer(
        num_attention_heads=4,
        attention_head_dim=32,
        num_layers=2,
        embedding_dim=WIDTH,
        num_embeddings=TOKENS,
    )
    prior.clip_std.data.fill_(1)  # `code` makes embeddings of about mean 0 and spread 1
    return prior


def scheduler() -> "diffusers.UnCLIPScheduler":
    import diffusers

    return diffusers.UnCLIPScheduler(
        prediction_type="sample",
        num_train_timesteps=1000,
        variance_type="fixed_small_log",
        clip_sample_range=6.0,
    )


def train(
    tokenizer: "transformers.CLIPTokenizer",
    tower: "transformers.CLIPTextModelWithProjection",
    pace: Pace,
) -> "diffusers.PriorTransformer":
    import torch

    torch.manual_seed(2)
    rng = random.Random(2)
    prior, noise_scheduler = build(), scheduler()
    kept = noise_scheduler.alphas_cumprod

    def loss(_: int) -> "torch.Tensor":
        captions = [random_caption(rng) for _ in range(pace.batch)]
        empty = [rng.random() < EMPTY for _ in captions]
        texts = ["" if blank else each.text for each, blank in zip(captions, empty, strict=True)]
        named = [{} if blank else each.values for each, blank in zip(captions, empty, strict=True)]
        target = torch.from_numpy(encode_all(named))
        steps = torch.randint(0, len(kept), (pace.batch,))
        share = kept[steps][:, None]
        noisy = share.sqrt() * target + (1 - share).sqrt() * torch.randn_like(target)
        ids, mask = tokens(tokenizer, texts)
        with computing_fast():
            with torch.no_grad():
                said = tower(ids)
            guess = prior(
                noisy,
                steps,
                proj_embedding=said.text_embeds.float(),
                encoder_hidden_states=said.last_hidden_state.float(),
                attention_mask=mask.bool(),
            ).predicted_image_embedding
        return (guess.float() - target).square().mean()

    return fit("prior", prior, loss, pace)
