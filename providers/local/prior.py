"""Kandinsky 2.2's prior: the loop that turns words into image embeddings."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from providers.local.course import Course

if TYPE_CHECKING:
    import torch

MIN_STEPS = 2
"""A single step divides by zero in UnCLIPScheduler."""


@dataclass(frozen=True, slots=True)
class Words:
    """One run of the prior; equal ones give the same embedding, whatever is drawn beside them.

    seed: the picture's own, or None for words that many pictures share (a negative prompt).
    """

    prompt: str
    negative_prompt: str
    seed: int | None
    steps: int
    guidance_scale: float


@dataclass(frozen=True, slots=True)
class Text:
    """Encoded prompts, one a row: (rows, dimension), (rows, tokens, dimension), (rows, tokens)."""

    embeds: "torch.Tensor"
    hidden_states: "torch.Tensor"
    mask: "torch.Tensor"

    def only(self, rows: list[int]) -> "Text":
        return Text(self.embeds[rows], self.hidden_states[rows], self.mask[rows])

    def followed_by(self, other: "Text") -> "Text":
        import torch

        return Text(
            torch.cat([self.embeds, other.embeds]),
            torch.cat([self.hidden_states, other.hidden_states]),
            torch.cat([self.mask, other.mask]),
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Embeddings in the making: latents (rows, dimension). against: None without guidance."""

    words: list[Words]
    latents: "torch.Tensor"
    generators: list["torch.Generator"]
    text: Text
    against: Text | None

    def only(self, rows: list[int]) -> "Rows":
        return Rows(
            [self.words[row] for row in rows],
            self.latents[rows],
            [self.generators[row] for row in rows],
            self.text.only(rows),
            self.against and self.against.only(rows),
        )


@dataclass(frozen=True, slots=True)
class Prior:
    """diffusers' components; `device` is where the networks are, or are brought when used."""

    tokenizer: Any
    text_encoder: Any
    network: Any
    scheduler: Any
    device: Any

    def run(
        self, todo: Sequence[Words], owners: Mapping[Words, Collection[int]], course: Course
    ) -> "dict[Words, torch.Tensor]":
        """An embedding (1, dimension) for all of `todo` that somebody alive still needs.

        owners: the positions that each is for. All have the same steps and guidance.
        """
        scheduler = type(self.scheduler).from_config(self.scheduler.config)
        scheduler.set_timesteps(max(MIN_STEPS, todo[0].steps), device=self.device)
        rows, times = self._rows(list(todo), scheduler), scheduler.timesteps
        for index, time in enumerate(times):
            step = scheduler.step(
                self._predict(rows, time),
                time,
                rows.latents,
                prev_timestep=times[index + 1] if index + 1 < len(times) else None,
                generator=rows.generators,
            )
            rows = replace(rows, latents=step.prev_sample)
            course.step()
            alive = set(course.alive)
            kept = [row for row, words in enumerate(rows.words) if alive & set(owners[words])]
            if not kept:
                return {}
            rows = rows.only(kept) if len(kept) < len(rows.words) else rows
        embeddings = self.network.post_process_latents(rows.latents)
        return dict(zip(rows.words, embeddings.split(1), strict=True))

    def _rows(self, words: list[Words], scheduler: Any) -> Rows:
        import torch

        generators = [generator_for(one.seed) for one in words]
        dimension = self.network.config.embedding_dim
        noise = [torch.randn(dimension, generator=generator) for generator in generators]
        guided = words[0].guidance_scale > 1
        return Rows(
            words,
            torch.stack(noise).to(self.device) * scheduler.init_noise_sigma,
            generators,
            self._encode([one.prompt for one in words]),
            self._encode([one.negative_prompt for one in words]) if guided else None,
        )

    def _encode(self, prompts: list[str]) -> Text:
        tokens = self.tokenizer(
            prompts,
            padding="max_length",
            max_length=self.tokenizer.model_max_length,
            truncation=True,
            return_tensors="pt",
        )
        encoded = self.text_encoder(tokens.input_ids.to(self.device))
        mask = tokens.attention_mask.bool().to(self.device)
        return Text(encoded.text_embeds, encoded.last_hidden_state, mask)

    def _predict(self, rows: Rows, time: "torch.Tensor") -> "torch.Tensor":
        import torch

        latents, text = rows.latents, rows.text
        if rows.against is not None:
            latents = torch.cat([latents, latents])
            text = rows.against.followed_by(text)
        predicted: torch.Tensor = self.network(
            latents.to(self.network.dtype),
            timestep=time,
            proj_embedding=text.embeds,
            encoder_hidden_states=text.hidden_states,
            attention_mask=text.mask,
        ).predicted_image_embedding.float()
        if rows.against is None:
            return predicted
        against, towards = predicted.chunk(2)
        return against + rows.words[0].guidance_scale * (towards - against)


def generator_for(seed: int | None) -> "torch.Generator":
    """The prior's own randomness, by a hash: the decoder starts from the very seed."""
    import torch

    digest = hashlib.sha256(f"prior {seed}".encode()).digest()
    return torch.Generator("cpu").manual_seed(int.from_bytes(digest[:7]))
