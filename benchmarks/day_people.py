"""A thousand people for `day`: when they ask, for what, and what they press."""

import asyncio
import math
import random
from dataclasses import dataclass, field

from benchmarks.day_telegram import DayTelegram
from tests.fakes.jumping_loop import LoopClock

PEOPLE = 1000
FIRST = 1001  # ids begin here
HOUR = 3600.0
CHANGES_MIND = 0.1
PEAK = 19  # o'clock
WORDS = ("fox", "lake", "castle", "robot", "whale", "garden", "tram", "mountain", "violin", "storm")
LOOKS = ("", "", "", " --ar 16:9", " --style anime", " --n 2", " --n 4", " --seed 7")
CHATTER = ("/quota", "/history", "/settings", "/help", "/start", "/models", "hello there")


@dataclass
class People:
    """deeds: everything they do in so many hours. The counts tell what that was."""

    telegram: DayTelegram
    clock: LoopClock
    deeds: int
    hours: int
    dice: random.Random = field(default_factory=lambda: random.Random(24))  # noqa: S311 - repeatable
    said: int = 0
    canceled: int = 0
    pressed: int = 0
    chatted: int = 0

    async def live(self) -> None:
        begun = self.clock.monotonic()
        async with asyncio.TaskGroup() as group:
            for moment in self._moments():
                await self.clock.sleep(begun + moment - self.clock.monotonic())
                user = self._someone()
                self._do_something(user)
                if self.dice.random() < CHANGES_MIND:
                    group.create_task(self._cancel(user))

    def _moments(self) -> list[float]:
        """Seconds after the start, by the hour: few at night, most in the evening."""
        first = self.clock.now().hour
        weights = [1.1 + math.cos((first + h - PEAK) * math.tau / 24) for h in range(self.hours)]
        hours = self.dice.choices(range(self.hours), weights, k=self.deeds)
        return sorted(HOUR * (hour + self.dice.random()) for hour in hours)

    def _someone(self) -> int:
        """Some ask much more than others, beyond what they have."""
        return FIRST + int(PEOPLE * self.dice.random() ** 2.5)

    def _do_something(self, user: int) -> None:
        room, chance = self.telegram.rooms.get(user), self.dice.random()
        if room and room.presses and chance < 0.3:
            self.pressed += 1
            self.telegram.press(user, self.dice.choice(room.presses))
        elif chance < 0.4:
            self.chatted += 1
            self.telegram.say(user, self.dice.choice(CHATTER))
        else:
            self.said += 1
            words = " ".join(self.dice.choices(WORDS, k=3))
            self.telegram.say(user, f"/imagine {words} {self.said}{self.dice.choice(LOOKS)}")

    async def _cancel(self, user: int) -> None:
        await self.clock.sleep(3.0)
        room = self.telegram.rooms.get(user)
        for data in (data for data in (room.presses if room else ()) if data.startswith("cancel")):
            self.canceled += 1
            self.telegram.press(user, data)
