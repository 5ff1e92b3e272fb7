"""A policy of another git repository: fetched once, held to a commit, and read without the network afterwards."""

# ruff: noqa: ISC004 - a row is easier to compare whole.

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgate.values.errors import InputError, MachineError

BASE = """\
mlgate: 1
policy: base
extends: ../common.yaml
rules: [{id: r, check: performance.metric, metric: recall, at_least: 0.7}]
"""
COMMON = "mlgate: 1\npolicy: common\nrules: [{id: c, check: performance.metric, metric: recall, at_least: 0.5}]\n"
NAMED = ("-c", "user.name=dev", "-c", "user.email=dev@example.com", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Shared:
    """The repository with the shared policies."""

    folder: Path

    @property
    def url(self) -> str:
        return f"file://{self.folder}"

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *NAMED, *arguments], cwd=self.folder, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        """The name of a commit with some files, by their names without `.yaml`."""
        for name, text in files.items():
            path = self.folder / (name.replace("__", "/") + ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", "--allow-empty")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MLGATE_GIT_PROTOCOLS", "https,ssh,file")
    (tmp_path / "shared").mkdir()
    found = Shared(tmp_path / "shared")
    found.git("init", "-q", "-b", "main")
    found.commit(credit__base=BASE, common=COMMON, owner="mlgate: 1\nowner: risk@example.com\n")
    return found


@pytest.fixture
def inside(folder: Any, tmp_path: Path) -> Any:
    """A workspace beside the shared repository."""
    (tmp_path / "models").mkdir()
    return type(folder)(tmp_path / "models")


def write(inside: Any, entry: str, *lines: str) -> None:
    inside.write(a="\n".join(["mlgate: 1", "policy: a", "owner: o", f"extends: {{{entry}}}", *lines, ""]))


def entry(shared: Shared, digest: str, **more: str) -> str:
    keys = {"git": shared.url, "path": "credit/base.yaml", "digest": digest, **more}
    return ", ".join(f'{key}: "{value}"' for key, value in keys.items())


def test_a_commit_is_fetched_once_and_read_without_the_network(shared: Shared, inside: Any) -> None:
    commit = shared.git("rev-parse", "HEAD")
    shared.commit(credit__base=BASE.replace("0.7", "0.9"))
    write(inside, entry(shared, commit), "rules: [{id: r, at_least: 0.8}]")
    (policy,) = inside.load("a.yaml")
    at = f"{shared.url}@{commit[:12]}"
    assert [(rule.name, str(rule.at), rule.demand.at_least_text) for rule in policy.rules] == [
        ("a:c", f"{at}/common.yaml:3:9", "0.5"),
        ("a:r", "a.yaml:5:9", "0.8"),
    ]
    assert [entry.path for entry in policy.inputs] == [
        f"{at}/common.yaml", f"{at}/owner.yaml", f"{at}/credit/base.yaml", "a.yaml",
    ]  # fmt: skip
    shutil.rmtree(shared.folder)
    assert inside.load("a.yaml") == (policy,)


def test_a_repository_whose_commits_are_named_by_sha_256(inside: Any, tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "long").mkdir()
    other = Shared(tmp_path / "long")
    other.git("init", "-q", "-b", "main", "--object-format=sha256")
    commit = other.commit(p=COMMON.replace("policy: common", "policy: common\nowner: o"))
    write(inside, entry(other, commit, path="p.yaml"))
    assert len(commit) == 64
    assert [rule.id for rule in inside.load("a.yaml")[0].rules] == ["c"]


def test_without_a_digest_the_message_has_the_one_to_write(shared: Shared, inside: Any) -> None:
    write(inside, f'git: "{shared.url}", path: credit/base.yaml, ref: main')
    assert inside.problems("a.yaml") == [
        f"a.yaml:4:10: no `digest` says which commit of {shared.url} is meant; "
        f"read `main` and write `digest: {shared.git('rev-parse', 'HEAD')}`, which it is now"
    ]


def test_a_commit_that_is_only_on_another_branch_is_refused(shared: Shared, inside: Any) -> None:
    shared.git("checkout", "-q", "-b", "fork")
    forked = shared.commit(credit__base=BASE.replace("0.7", "0.1"))
    shared.git("checkout", "-q", "main")
    write(inside, entry(shared, forked))
    assert inside.problems("a.yaml") == [
        f"a.yaml:4:10: commit {forked} is not in the history of its default branch of {shared.url}; "
        "correct the digest, or name the branch or tag that has it by `ref`"
    ]
    write(inside, entry(shared, forked, ref="fork"))
    assert [rule.demand.at_least_text for rule in inside.load("a.yaml")[0].rules] == ["0.5", "0.1"]


def test_a_tag_is_fetched_by_its_name_and_a_later_commit_is_fetched_again(shared: Shared, inside: Any) -> None:
    shared.git("tag", "v1")
    write(inside, entry(shared, shared.git("rev-parse", "HEAD"), ref="v1"))
    assert len(inside.load("a.yaml")[0].rules) == 2
    later = shared.commit(credit__base=BASE.replace("0.7", "0.9"))
    write(inside, entry(shared, later, ref="main"))
    assert [rule.demand.at_least_text for rule in inside.load("a.yaml")[0].rules] == ["0.5", "0.9"]


def test_what_cannot_be_fetched_is_the_machines_fault_and_says_the_command(shared: Shared, inside: Any) -> None:
    write(inside, entry(shared, "a" * 40))
    shutil.rmtree(shared.folder)
    with pytest.raises(MachineError) as caught:
        inside.load("a.yaml")
    said = str(caught.value)
    assert f"`HEAD` of {shared.url} cannot be fetched (" in said
    assert f" fetch {shared.url} +HEAD:refs/mlgate/HEAD`, then retry" in said


def test_the_command_of_the_message_fetches_it(shared: Shared, inside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(inside, entry(shared, shared.git("rev-parse", "HEAD")))
    moved = shared.folder.rename(shared.folder.with_name("away"))
    with pytest.raises(MachineError) as caught:
        inside.load("a.yaml")
    moved.rename(shared.folder)
    command = str(caught.value).split("with `")[1].split("`")[0]
    subprocess.run(command, shell=True, check=True, capture_output=True, timeout=60)
    shutil.rmtree(shared.folder)
    assert len(inside.load("a.yaml")[0].rules) == 2


def test_a_damaged_cache_is_never_believed(shared: Shared, inside: Any, tmp_path: Path) -> None:
    write(inside, entry(shared, shared.git("rev-parse", "HEAD")))
    inside.load("a.yaml")
    (cache,) = (tmp_path / "cache" / "mlgate" / "git").iterdir()
    own = Shared(cache)
    for pack in cache.glob("objects/pack/*.pack"):
        pack.rename(cache / "p")
        with (cache / "p").open("rb") as packed:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=cache, stdin=packed, check=True, timeout=60)
    blob = own.git("rev-parse", "refs/mlgate/HEAD:credit/base.yaml")
    other = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], input=BASE.replace("0.7", "0.1"), cwd=cache, text=True,
        capture_output=True, check=True, timeout=60,
    ).stdout.strip()  # fmt: skip
    place = cache / "objects" / blob[:2] / blob[2:]
    place.chmod(0o600)
    place.write_bytes((cache / "objects" / other[:2] / other[2:]).read_bytes())
    with pytest.raises(MachineError, match="remove this folder, then retry"):
        inside.load("a.yaml")


def test_what_a_file_of_another_repository_extends_stays_in_it(shared: Shared, inside: Any) -> None:
    outside = BASE.replace("../common.yaml", "../../models/b.yaml")
    inside.write(b=COMMON)
    commit = shared.commit(credit__base=outside)
    write(inside, entry(shared, commit))
    (said,) = inside.problems("a.yaml")
    assert said.endswith("`../../models/b.yaml` is outside its repository; extend a file inside it")


def test_a_link_of_another_repository_is_not_followed(shared: Shared, inside: Any) -> None:
    (shared.folder / "link.yaml").symlink_to("common.yaml")
    commit = shared.commit()
    write(inside, entry(shared, commit, path="link.yaml"))
    (said,) = inside.problems("a.yaml")
    assert "has no file `link.yaml`; it has common.yaml, credit/base.yaml, owner.yaml; correct the path" in said


def test_a_mistake_there_is_told_at_its_own_line(shared: Shared, inside: Any) -> None:
    commit = shared.commit(credit__base=BASE.replace("0.7", "x"))
    write(inside, entry(shared, commit))
    assert inside.problems("a.yaml") == [
        f"{shared.url}@{commit[:12]}/credit/base.yaml:4:70: `at_least` of rule `r` must be a number, not `x`"
    ]


@pytest.mark.parametrize("key", ["roots: ../data"])
def test_another_repository_names_no_folders_of_this_machine(shared: Shared, inside: Any, key: str) -> None:
    commit = shared.commit(credit__base=f"{BASE}{key}\n")
    write(inside, entry(shared, commit))
    (said,) = inside.problems("a.yaml")
    assert said.endswith(
        "a pack, or a policy of another repository, cannot name `roots`; name them in the policy that extends it"
    )


WRONG = [
    ("git: https://example.com/p, digest: DIGEST", "missing key `path` in `extends`; it must be a text"),
    ("path: p.yaml, digest: DIGEST", "missing key `git` in `extends`; it must be a text"),
    ("git: https://example.com/p, path: p.yaml, digst: DIGEST",
     "unknown key `digst` in `extends`, did you mean `digest`?"),
    ("git: https://example.com/p, path: p.yaml, digest: 1a2b3c",
     "`digest` is `1a2b3c`, and the whole name of a commit is required; write all of its 40 digits"),
    ("git: https://example.com/p, path: ../p.yaml, digest: DIGEST",
     "`path` is `../p.yaml`; write the path of a YAML file from the top of the repository"),
    ("git: https://example.com/p, path: p.txt, digest: DIGEST",
     "`path` is `p.txt`; write the path of a YAML file from the top of the repository"),
    ("git: https://example.com/p, path: p.yaml, ref: --upload-pack=x, digest: DIGEST",
     "`--upload-pack=x` cannot be the name of a branch or tag; correct `ref`"),
    ("git: https://example.com/p, path: p.yaml, ref: 'a:b', digest: DIGEST",
     "`a:b` cannot be the name of a branch or tag; correct `ref`"),
    ("git: 'ext::sh -c id', path: p.yaml, digest: DIGEST",
     "`ext::sh -c id` is not the address of a git repository; write https://HOST/PATH or ssh://git@HOST/PATH"),
    ("git: https://github.example\u0131.com/p, path: p.yaml, digest: DIGEST",
     "`https://github.example\u0131.com/p` is not the address of a git repository; write https://HOST/PATH or "
     "ssh://git@HOST/PATH"),
    ('git: https://example.com/p, path: "p\\0.yaml", digest: DIGEST',
     "the escaped character U+0000 is not allowed in a text; remove it"),
    ("git: ../shared, path: p.yaml, digest: DIGEST",
     "`../shared` is not the address of a git repository; write https://HOST/PATH or ssh://git@HOST/PATH"),
    ("git: ssh://-oProxyCommand=id/p, path: p.yaml, digest: DIGEST",
     "`ssh://-oProxyCommand=id/p` is not the address of a git repository; write https://HOST/PATH or "
     "ssh://git@HOST/PATH"),
    ("git: https://me:secret@example.com/p, path: p.yaml, digest: DIGEST",
     "`https://me:secret@example.com/p` has a name or password in it, which every reader of the policy would see; "
     "remove it"),
    ("git: http://example.com/p, path: p.yaml, digest: DIGEST",
     "`http://example.com/p` is reached by http, and only https and ssh are allowed; write another address"),
    ("git: file:///srv/p, path: p.yaml, digest: DIGEST",
     "`file:///srv/p` is reached by file, and only https and ssh are allowed; write another address"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_what_names_no_repository_is_refused_before_anything_is_fetched(
    folder: Any, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    monkeypatch.delenv("MLGATE_GIT_PROTOCOLS", raising=False)
    write(folder, given.replace("DIGEST", "a" * 40))
    assert [problem.partition(": ")[2] for problem in folder.problems("a.yaml")] == [said]


def test_an_unknown_protocol_of_the_machine_is_an_error(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLGATE_GIT_PROTOCOLS", "https,ext")
    write(folder, f"git: https://example.com/p, path: p.yaml, digest: {'a' * 40}")
    with pytest.raises(InputError, match="MLGATE_GIT_PROTOCOLS names `ext`; choose of https, ssh and file"):
        folder.load("a.yaml")
