"""JSON Lines: one object per line, every line with the same keys, every column of one kind, numbers by their digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgate.evidence.dialect import NUMBER_GRAMMAR, literal, quote
from mlgate.evidence.files import reading
from mlgate.evidence.open.plain_text import TextCount, count_text, unpacked
from mlgate.evidence.open.reader import Loader, check_names, paths_literal
from mlgate.values.errors import EvidenceError

LONGEST_LINE = 64 << 20
MOST_DIGITS = 38
_LINE = re.compile(r"in line (\d+)")


@dataclass(frozen=True)
class _Kinds:
    """The numbers of values of a column by JSON kind, and of integers that are too long for a double or a bigint."""

    text: int
    boolean: int
    nested: int
    whole: int
    fraction: int
    odd: int
    """Numbers that are not finite: NaN, Infinity, 1e400."""
    beyond_double: int
    long: int
    """Integers that do not fit into a bigint."""
    too_long: int


def open_jsonlines(engine: Loader, files: Sequence[Path], relation: str, shown: str) -> None:
    """Make a table of a JSON lines file. Raises EvidenceError for lines that differ in keys, or columns in kinds."""
    (path,) = files
    raw = f"{relation}_lines"
    with reading(shown):
        if path.name.lower().endswith(".gz"):
            path = unpacked(path, engine.folder / f"{relation}.txt", shown)
        found = count_text(path, b":", shown)
    _load(engine, path, raw, shown)
    names = _names(engine, raw, shown, found)
    columns = ", ".join(f"{_column(engine, raw, name, shown)} as {quote(name)}" for name in names)
    engine.load(f"create or replace temp table {relation} as select {columns} from {raw}")
    engine.load(f"drop table {raw}")
    if path != files[0]:
        path.unlink()


def _load(engine: Loader, path: Path, raw: str, shown: str) -> None:
    source = f"read_ndjson_objects({paths_literal([path])}, maximum_object_size={LONGEST_LINE}, ignore_errors=false)"
    try:
        engine.load(f"create or replace temp table {raw} as select json from {source}")
    except EvidenceError as error:
        line = _LINE.search(str(error))
        # DuckDB reports the line after the one that it could not read.
        at = f"{shown}:{int(line[1]) - 1}" if line else shown
        raise EvidenceError(f"{at}: not a JSON object on one line; write one object per line") from error


def _names(engine: Loader, raw: str, shown: str, found: TextCount) -> list[str]:
    """The keys of the first line. Raises EvidenceError for a line with other keys, or with a key twice."""
    rows = engine.load(f"select count(*) from {raw}")[0][0]
    if rows != found.lines:
        at = f"{shown}:{found.blank}: a blank line" if found.blank else f"{shown}: lines without an object"
        raise EvidenceError(f"{at}; of {found.lines} lines {rows} were read; remove lines that are not rows")
    names: list[str] = engine.load(f"select json_keys(json) from {raw} limit 1")[0][0]
    expected = "[" + ", ".join(map(literal, sorted(names))) + "]"
    no_object, other_keys = engine.load(
        "select min(rowid) filter (where json_type(json) <> 'OBJECT'), "
        f"min(rowid) filter (where list_sort(json_keys(json)) <> {expected} :: varchar[]) from {raw}"
    )[0]
    if no_object is not None:
        raise EvidenceError(f"{shown}:{no_object + 1}: not a JSON object; write one object per line")
    check_names(names, f"{shown}:1")
    if other_keys is not None:
        raise EvidenceError(
            f"{shown}:{other_keys + 1}: other keys than on line 1; write every key on every line, null where missing"
        )
    return names


def _column(engine: Loader, raw: str, name: str, shown: str) -> str:
    """SQL for the column over the raw lines. Raises EvidenceError where its values are of several kinds."""
    pointer = literal("/" + name.replace("~", "~0").replace("/", "~1"))
    text = f"json_extract_string(json, {pointer})"
    kinds = _kinds(engine, raw, pointer, text)
    present = [
        bool(count) for count in (kinds.text, kinds.boolean, kinds.nested, kinds.whole + kinds.fraction + kinds.odd)
    ]
    if sum(present) > 1:
        words = [
            word for word, there in zip(("text", "true/false", "objects", "numbers"), present, strict=True) if there
        ]
        raise EvidenceError(f"{shown}: column `{name}` mixes {' and '.join(words)}; write it in one kind")
    if kinds.odd:
        raise EvidenceError(
            f"{shown}: column `{name}` has {kinds.odd} numbers that are not finite (NaN, 1e400); write null"
        )
    if kinds.too_long or (kinds.fraction and kinds.beyond_double):
        raise EvidenceError(f"{shown}: column `{name}` has integers too long to be kept exactly; write them as text")
    if kinds.nested:
        return f"json_extract(json, {pointer})"
    if kinds.boolean:
        return f"cast({text} as boolean)"
    if kinds.fraction:
        return f"to_number({text})"
    return f"cast({text} as {'hugeint' if kinds.long else 'bigint'})" if kinds.whole else text


def _kinds(engine: Loader, raw: str, pointer: str, text: str) -> _Kinds:
    number, whole = "t in ('BIGINT', 'UBIGINT', 'DOUBLE')", "regexp_full_match(s, '-?[0-9]+')"
    readable = f"regexp_full_match(s, '{NUMBER_GRAMMAR}') and isfinite(try_cast(s as double))"
    conditions = (
        "t = 'VARCHAR'",
        "t = 'BOOLEAN'",
        "t in ('OBJECT', 'ARRAY')",
        f"{number} and {whole}",
        f"{number} and not {whole} and {readable}",
        f"{number} and not ({readable})",
        f"{number} and {whole} and abs(try_cast(s as double)) > 9007199254740991",
        f"{number} and {whole} and length(s) > 18",
        f"{number} and {whole} and length(s) > {MOST_DIGITS}",
    )
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in conditions)
    inner = f"select json_type(json, {pointer}) as t, {text} as s from {raw}"
    return _Kinds(*engine.load(f"select {counts} from ({inner})")[0])
