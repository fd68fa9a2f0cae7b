from __future__ import annotations

import logging

import pytest

from fanfold.credentials.errors import BadKey, CannotOpen
from fanfold.credentials.keyring import KeyRing

OLD, NEW, OTHER = KeyRing.generate_key(), KeyRing.generate_key(), KeyRing.generate_key()


def test_what_was_sealed_is_opened():
    ring = KeyRing([OLD])
    sealed = ring.seal(b"Atzr|secret")
    assert b"secret" not in sealed
    assert ring.open(sealed) == b"Atzr|secret"


def test_sealing_twice_gives_two_texts():
    ring = KeyRing([OLD])
    assert ring.seal(b"same") != ring.seal(b"same")


def test_the_first_key_seals_and_all_open():
    sealed_long_ago = KeyRing([OLD]).seal(b"x")
    ring = KeyRing([NEW, OLD])
    assert ring.open(sealed_long_ago) == b"x"
    assert KeyRing([NEW]).open(ring.seal(b"y")) == b"y"


def test_after_resealing_the_old_key_can_go():
    sealed = KeyRing([OLD]).seal(b"x")
    resealed = KeyRing([NEW, OLD]).reseal(sealed)
    assert KeyRing([NEW]).open(resealed) == b"x"


@pytest.mark.parametrize("sealed", [b"", b"x", b"\xff\xfe", b"gAAAAA" * 20])
def test_what_cannot_be_opened_says_what_to_do_and_nothing_else(sealed):
    with pytest.raises(CannotOpen, match="add the old key") as failed:
        KeyRing([OTHER]).open(sealed)
    assert failed.value.__cause__ is None


def test_a_changed_byte_is_noticed():
    sealed = bytearray(KeyRing([OLD]).seal(b"x"))
    sealed[20] ^= 1
    with pytest.raises(CannotOpen):
        KeyRing([OLD]).open(bytes(sealed))


@pytest.mark.parametrize("keys", [[], [""], ["short"], [OLD, "short"]])
def test_a_bad_key_is_refused_without_showing_it(keys):
    with pytest.raises(BadKey) as refused:
        KeyRing(keys)
    assert OLD not in str(refused.value)


def test_a_key_ring_shows_no_key(caplog):
    ring = KeyRing([OLD, NEW])
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", ring, ring)
    assert "KeyRing(2 keys)" in caplog.text
    assert OLD not in caplog.text
