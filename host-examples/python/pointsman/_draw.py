"""Draws: what decides between the members of a weighted or multivalue group."""

from __future__ import annotations

import secrets


def draw_of(key: str) -> int:
    """The draw of a key, such as a client's address: one key has one draw, so that its answers stick.

    The draws of many keys are spread evenly over all 64 bits. FNV-1a, then the finalizer of SplitMix64; the same on every
    host. It is no secret: who chooses keys can choose draws.
    """
    mask, number = 0xFFFF_FFFF_FFFF_FFFF, 0xCBF2_9CE4_8422_2325
    for byte in key.encode():
        number = (number ^ byte) * 0x100_0000_01B3 & mask
    number = (number ^ number >> 30) * 0xBF58_476D_1CE4_E5B9 & mask
    number = (number ^ number >> 27) * 0x94D0_49BB_1331_11EB & mask
    return number ^ number >> 31


def random_draw() -> int:
    """A draw at random, as a resolver's cache sees it: by the system's secure source."""
    return secrets.randbits(64)
