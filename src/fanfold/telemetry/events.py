"""The names of all log events, and what each says. A test compares them with the code."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS: Mapping[str, str] = {
    "amc.call_failed": "AMC refused a call, or did not answer it; the attempt decides what that means",
    "amc.look_failed": "a look at an execution failed and is repeated later",
    "amc.unknown_status": "AMC reported a status that this version does not know; it counts as not ended",
    "attempt.crashed": "a kind raised something that belongs to no family of failures: a fault in the kind",
    "attempt.remote_cancel_failed": "an execution could not be stopped on the remote side",
    "attempt.stale": "a worker finished an attempt that it had lost; nothing was changed",
    "child.killed": "a child process did not end in time and was killed",
    "child.restarting": "a child process ended by itself and is started again",
    "database.died": "the embedded database ended by itself and is started again",
    "database.not_back": "the embedded database could not be started again yet; it is tried once more",
    "heartbeat.lost": "the worker could not renew its leases in time; its attempts go to others",
    "heartbeat.silent": "the worker could not beat for a whole lease and stopped its attempts; others go on",
    "http.database_away": "a request could not be served because the database is away",
    "http.failed": "a request met a fault of ours; the answer carries the same request id",
    "http.look_failed": "a look at what another host is at failed and is repeated later",
    "http.request": "a request was answered",
    "loop.step_failed": "a step of a loop failed and is tried again after its interval",
    "leader.led": "what no single attempt does was done, as ending pauses, opening waves, skipping the rest",
    "notify.lost": "the session that listens to the database was lost and is opened again",
    "operations.rescued": "operations of a lost worker were given to others",
    "pruner.pruned": "what was old enough was deleted: workers, answers, links, unused keys",
    "results.discard_failed": "parts of an abandoned result could not be removed",
    "results.not_swept": "parts of superseded attempts could not be removed",
    "sentry.not_installed": "SENTRY_DSN is set and the package is missing",
    "worker.draining": "a worker was told to stop and finishes what it has begun",
    "worker.stopped": "a worker has ended in order",
}
