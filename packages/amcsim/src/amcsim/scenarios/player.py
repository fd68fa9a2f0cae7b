"""Plays scenarios on the simulator's clock: sets what is due, undoes what is over. Nothing here waits."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from amcsim import noise
from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.executions.runner import Runner
from amcsim.faults.plan import FaultPlan
from amcsim.limits import Limits, Rate
from amcsim.login import TokenIssuer
from amcsim.roster import Instance, Roster
from amcsim.scenarios.model import Chosen, LimitsChange, Scenario, Step

_REMEMBERED = 100
_Former = tuple[int, int, tuple[Rate, ...]]


class Stage(Protocol):
    """What a scenario acts on."""

    config: SimulatorConfig
    roster: Roster
    tokens: TokenIssuer
    faults: FaultPlan
    limits: Limits
    runner: Runner
    calls: Counter[str]

    @property
    def clock(self) -> Clock:
        """The simulator's clock."""
        ...


@dataclass(slots=True)
class _Cue:
    """One step on its way: how often it was played and when it may be again."""

    step: Step
    number: int
    due_at: datetime
    played: int = 0

    @property
    def over(self) -> bool:
        """Whether it will not be played again."""
        if self.step.every_seconds is None:
            return self.played > 0
        return self.step.rounds is not None and self.played >= self.step.rounds

    def skip_to(self, now: datetime) -> None:
        """Leave out rounds that a jump of the clock went past, all but the last."""
        if self.step.every_seconds is not None:
            every = timedelta(seconds=self.step.every_seconds)
            missed = (now - self.due_at) // every
            if self.step.rounds is not None:
                missed = min(missed, self.step.rounds - self.played - 1)
            self.due_at += missed * every
            self.played += missed


@dataclass(slots=True)
class _Playing:
    scenario: Scenario
    started_at: datetime
    calls_before: Counter[str]
    cues: list[_Cue]
    former: _Former
    former_speed: float
    limits_until: datetime | None = None
    changed: set[str] = field(default_factory=set[str])
    """What else it changed: limits, speed."""
    played: int = 0
    log: list[str] = field(default_factory=list[str])


class Player:
    """The scenarios under way, by their names; stopping one puts back what it found."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._playing: dict[str, _Playing] = {}

    def start(self, scenario: Scenario) -> None:
        """Begin *scenario*, from its beginning if it is under way; raises ValueError for instances that do
        not exist.
        """
        known = self._stage.roster.instances
        unknown = sorted({name for step in scenario.steps for name in step.instances.ids or ()} - set(known))
        if unknown:
            raise ValueError(f"Unknown instances: {', '.join(unknown)}")
        self.stop(scenario.name)
        now = self._stage.clock.now()
        self._playing[scenario.name] = _Playing(
            scenario,
            now,
            Counter(self._stage.calls),
            [
                _Cue(step, number, now + timedelta(seconds=step.at_seconds))
                for number, step in enumerate(scenario.steps)
            ],
            self._limits_now(),
            self._stage.runner.speed,
        )
        self.advance(now)

    def stop(self, name: str) -> bool:
        """End a scenario and undo what it did; return whether it was under way."""
        playing = self._playing.pop(name, None)
        if playing is None:
            return False
        self._undo(playing)
        return True

    def advance(self, now: datetime) -> None:
        """Do what is due at *now*."""
        for playing in list(self._playing.values()):
            if playing.limits_until is not None and playing.limits_until <= now:
                self._restore(playing)
            for cue in playing.cues:
                if not cue.over and cue.due_at <= now and self._called(playing, cue.step):
                    cue.skip_to(now)
                    self._play(playing, cue)

    def next_at(self) -> datetime | None:
        """Return when something is due next, None when nothing but calls can make it so."""
        now = self._stage.clock.now()
        moments = [
            cue.due_at
            for playing in self._playing.values()
            for cue in playing.cues
            if not cue.over and cue.due_at > now
        ]
        moments += [playing.limits_until for playing in self._playing.values() if playing.limits_until]
        return min(moments, default=None)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the scenarios under way and what they did so far."""
        return [
            {
                "name": playing.scenario.name,
                "description": playing.scenario.description,
                "started_at": playing.started_at.isoformat(),
                "steps_played": playing.played,
                "steps_waiting": sum(not cue.over for cue in playing.cues),
                "log": playing.log,
            }
            for playing in self._playing.values()
        ]

    def _called(self, playing: _Playing, step: Step) -> bool:
        made = self._stage.calls - playing.calls_before
        counted = made if step.operations is None else {name: made[name] for name in step.operations}
        return sum(counted.values()) >= step.after_calls

    def _play(self, playing: _Playing, cue: _Cue) -> None:
        step = cue.step
        if step.clear:
            self._undo(playing)
        ids = self._drawn(playing.scenario, cue)
        for position, fault in enumerate(step.faults):
            update: dict[str, Any] = {"instance_ids": ids}
            if step.lasts_seconds is not None and fault.seconds_active is None:
                update["seconds_active"] = step.lasts_seconds
            self._stage.faults.add(
                fault.model_copy(update=update),
                token_serial=self._stage.tokens.last_serial,
                origin=playing.scenario.name,
                draw_key=f"{cue.number}/{cue.played}/{position}",
            )
        if step.limits is not None:
            self._put(step.limits)
            self._stage.runner.stir()
            playing.changed.add("limits")
            if step.lasts_seconds is not None:
                playing.limits_until = cue.due_at + timedelta(seconds=step.lasts_seconds)
        if step.speed is not None:
            self._stage.runner.set_speed(step.speed)
            playing.changed.add("speed")
        self._note(playing, cue, ids)

    def _note(self, playing: _Playing, cue: _Cue, ids: list[str] | None) -> None:
        playing.played += 1
        cue.played += 1
        seconds = (cue.due_at - playing.started_at).total_seconds()
        what = [fault.kind for fault in cue.step.faults]
        what += [name for name in ("limits", "speed", "clear") if getattr(cue.step, name)]
        where = "everywhere" if ids is None else f"at {', '.join(ids)}"
        playing.log.append(f"{seconds:g} s: {', '.join(what)} {where}")
        del playing.log[:-_REMEMBERED]
        cue.due_at += timedelta(seconds=cue.step.every_seconds or 0)

    def _drawn(self, scenario: Scenario, cue: _Cue) -> list[str] | None:
        chosen = cue.step.instances
        if chosen.everything:
            return None
        fitting = [instance for instance in self._stage.roster.instances.values() if _fits(instance, chosen)]
        if chosen.share is None:
            return [instance.instance_id for instance in fitting]
        seed = self._stage.config.seed if scenario.seed is None else scenario.seed
        path = (seed, scenario.name, cue.number, cue.played)
        ranked = sorted(fitting, key=lambda instance: noise.key(*path, instance.instance_id))
        return sorted(instance.instance_id for instance in ranked[: math.ceil(chosen.share * len(fitting))])

    def _limits_now(self) -> _Former:
        limits = self._stage.limits
        return limits.running_per_instance, limits.running_per_account, limits.buckets.rates

    def _put(self, change: LimitsChange) -> None:
        self._stage.limits.change(
            running_per_instance=change.running_per_instance,
            running_per_account=change.running_per_account,
            rates=change.parsed_rates(),
        )

    def _restore(self, playing: _Playing) -> None:
        per_instance, per_account, rates = playing.former
        self._stage.limits.change(
            running_per_instance=per_instance, running_per_account=per_account, rates=rates
        )
        playing.limits_until = None
        playing.changed.discard("limits")
        self._stage.runner.stir()

    def _undo(self, playing: _Playing) -> None:
        self._stage.faults.clear(origin=playing.scenario.name)
        if "limits" in playing.changed:
            self._restore(playing)
        if "speed" in playing.changed:
            self._stage.runner.set_speed(playing.former_speed)
            playing.changed.discard("speed")


def _fits(instance: Instance, chosen: Chosen) -> bool:
    return (
        (chosen.ids is None or instance.instance_id in chosen.ids)
        and (chosen.ordinals is None or instance.ordinal in chosen.ordinals)
        and (chosen.regions is None or instance.account.market.region in chosen.regions)
        and (chosen.sandbox is None or instance.sandbox is chosen.sandbox)
    )
