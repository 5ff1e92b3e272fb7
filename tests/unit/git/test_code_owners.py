"""CODEOWNERS: the last pattern that matches a path says who owns it."""

from __future__ import annotations

import time

import pytest

from mlgate.git.code_owners import owners_of

PATHS = ("a.bin", "models/a.bin", "models/deep/a.bin", "old/models/a.bin")
MATCHES = {
    "*": PATHS,
    "*.bin": PATHS,
    "/*.bin": ("a.bin",),
    "models/": ("models/a.bin", "models/deep/a.bin", "old/models/a.bin"),
    "/models/": ("models/a.bin", "models/deep/a.bin"),
    "models": ("models/a.bin", "models/deep/a.bin", "old/models/a.bin"),
    "models/*": ("models/a.bin",),
    "/models/**": ("models/a.bin", "models/deep/a.bin"),
    "**/deep": ("models/deep/a.bin",),
    "models/**/a.bin": ("models/a.bin", "models/deep/a.bin"),
    "models/?.bin": ("models/a.bin",),
    "models/[a].bin": (),
    "a": (),
    "/a.bi": (),
    "!*.bin": (),
    "/": (),
}


@pytest.mark.parametrize("pattern", MATCHES)
def test_a_pattern_matches_as_on_github(pattern: str) -> None:
    found = tuple(path for path in PATHS if owners_of(path, f"{pattern} @owner", "CODEOWNERS").owners)
    assert found == MATCHES[pattern]


def test_the_last_line_decides_even_if_it_names_nobody() -> None:
    text = "# owners\n\n*.bin @one alice@example.com # of all\n/models/ @two\n/models/a.bin\n"
    assert owners_of("a.bin", text, "F").owners == ("@one", "alice@example.com")
    assert owners_of("a.bin", text, "F").said_in == "F:3"
    assert owners_of("models/b.bin", text, "F").owners == ("@two",)
    assert owners_of("models/a.bin", text, "F").owners == ()
    assert owners_of("a.csv", text, "F").said_in == "F"


def test_a_space_in_a_name_is_escaped() -> None:
    assert owners_of("my models/a.bin", "my\\ models/ @one", "F").owners == ("@one",)


def test_a_pattern_of_many_stars_is_matched_at_once() -> None:
    began = time.perf_counter()
    assert owners_of("a" * 200, f"{'*a' * 60}*b @one\n{'**/' * 400}x @two", "F").owners == ()
    assert time.perf_counter() - began < 1


def test_owners_who_need_not_agree_do_not_count() -> None:
    text = "[Models] @default\n/models/ @one\n^[Docs][2]\n/models/ @two\n[More]\n/old/ @three\n/new/\n"
    assert owners_of("models/a.bin", text, "F").owners == ("@one",)
    assert owners_of("old/a.bin", text, "F").owners == ("@three",)
    assert owners_of("new/a.bin", text, "F").owners == ()
