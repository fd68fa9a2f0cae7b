from __future__ import annotations

from datetime import timedelta

import pytest

from fanfold.access.errors import NotSignedIn
from fanfold.access.tokens import Audience, TokenSigner
from fanfold.kit.clock import ManualClock

SECRET = "a test's secret of more than 32 bytes"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_short_secret_is_refused(clock):
    with pytest.raises(ValueError, match="32 bytes"):
        TokenSigner(["short"], clock=clock)


def test_a_new_secret_in_front_leaves_old_tokens_good(clock):
    old = TokenSigner([SECRET], clock=clock)
    both = TokenSigner([SECRET[::-1], SECRET], clock=clock)
    token = old.sign("ada", audience=Audience.API, lifetime=timedelta(hours=1))
    assert both.read(token, audience=Audience.API)["sub"] == "ada"
    with pytest.raises(NotSignedIn):
        old.read(both.sign("ada", audience=Audience.API, lifetime=timedelta(hours=1)), audience=Audience.API)


def test_secrets_do_not_show(clock):
    assert SECRET not in repr(TokenSigner([SECRET], clock=clock))
