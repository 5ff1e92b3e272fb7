"""What a file is, by its content: models of real libraries, pickles however hidden, and files that are broken."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest

from mlgate.checks.operations.artifact_content import ArtifactContent, Unpacked
from mlgate.checks.operations.artifact_scan import ArtifactPart, scanned
from mlgate.checks.operations.pickle_walk import walked

MODELS = Path(__file__).parent / "data" / "models"
CALLS = pickle.dumps(np.float64, protocol=0)
"""A pickle that imports; protocol 0 has no header."""


class Harmful:
    """What a pickle can hold: a call that an unpickler makes."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return print, ("run",)


EVIL = pickle.dumps(Harmful(), protocol=4)
FORMATS = {
    "trees.onnx": "onnx", "weights.safetensors": "safetensors", "linear.skops": "skops", "boosted.ubj": "xgboost",
    "boosted.json": "xgboost", "trees.cbm": "catboost", "categories.cbm": "catboost", "lightgbm.txt": "lightgbm",
    "dense.keras": "keras", "dense.h5": "hdf5", "arrays.h5": "hdf5",
}  # fmt: skip
"""Models as their libraries have written them."""
PMML = b'<?xml version="1.0"?><PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/></PMML>'


def parts(raw: bytes, name: str = "model.onnx") -> list[ArtifactPart]:
    return list(scanned(ArtifactContent.of(name, io.BytesIO(raw), len(raw)), Unpacked(1 << 26)))


def fine(found: list[ArtifactPart]) -> bool:
    return not any(part.code or part.fault or part.format == "unknown" for part in found)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return made.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w:") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:  # type: ignore[call-overload]
        for name, raw in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
    return made.getvalue()


def array(found: np.ndarray) -> bytes:
    made = io.BytesIO()
    np.save(made, found, allow_pickle=True)
    return made.getvalue()


def dumped(value: object, **how: object) -> bytes:
    made = io.BytesIO()
    joblib.dump(value, made, **how)
    return made.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_a_model_is_known_by_its_content_and_not_by_its_name(name: str) -> None:
    (found,) = parts((MODELS / name).read_bytes(), "weights.bin")
    assert (found.format, found.code, found.fault) == (FORMATS[name], "", "")


@pytest.mark.parametrize("name", FORMATS)
def test_a_model_that_is_cut_off_or_followed_by_something_is_never_fine(name: str) -> None:
    raw, draw = (MODELS / name).read_bytes(), random.Random(7)
    end = len(raw.rstrip()) - 1
    cuts = {draw.randrange(64, end) for _ in range(25)} | {end}
    assert [cut for cut in sorted(cuts) if fine(parts(raw[:cut]))] == []
    more = (b"x", CALLS, EVIL, raw, zipped({"a": b"a"}), b"PK\5\6" + bytes(18))
    assert [each[:9] for each in more if fine(parts(raw + each))] == []
    before = (EVIL, CALLS + b"R.", zipped({"a": b"a"}), b"\0" * 512)
    assert [each[:9] for each in before if fine(parts(each + raw))] == []


PICKLES: dict[str, bytes] = {
    **{f"protocol {number}": pickle.dumps(Harmful(), protocol=number) for number in range(6)},
    "no data but a call before it breaks off": pickle.dumps(Harmful(), protocol=0)[:-1] + b"\xff",
    "a header and a call before it breaks off": EVIL[:-1] + b"\xff",
    "data alone": pickle.dumps({"a": [1, 2]}, protocol=2),
    "a value that is built": b"c__main__\nThing\n)\x81}b.",
    "a mark and an instance": b"(S'run'\nibuiltins\nprint\n.",
    "an object of a mark": b"(cbuiltins\nprint\nS'run'\no.",
    "an import through the memo": b"\x8c\x08builtins\x94\x8c\x05print\x94\x93\x94\x8c\x03run\x85R.",
    "nothing but opcodes": b"N" * 30_000,
    "an extension": b"\x82\x01S'run'\n\x85R.",
    "a persistent id": b"Pname\nS'run'\n\x85R.",
    "text before the call": b"S'" + b"x" * 70_000 + b"'\n0" + pickle.dumps(Harmful(), protocol=0),
    "with something behind it": EVIL + b"\0" * 100,
    "joblib": dumped({"w": np.arange(30), "f": np.float64}),
    "torch before 1.6": pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + pickle.dumps(1001, protocol=2),
    "cut off": EVIL[:-6],
}  # fmt: skip


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_is_found_by_its_opcodes(name: str) -> None:
    (found, *_) = parts(PICKLES[name])
    assert found.format == "pickle"
    assert "runs the code in it" in found.code


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (pickle.dumps([1, 2], protocol=0), "pickle"),
        (pickle.dumps([1, 2], protocol=0) + b"more", "none"),
        (b"N)R.more", "none"),
        (b"(\x94cbuiltins\nprint\n)R.", "none"),
        (b"\x94cbuiltins\nprint\n)R.", "none"),
        (b"cbuiltins\nprint\n\x94\xff", "none"),
        (b"\x8c\0cbuiltins\nprint\n)R\xff", "pickle"),
        (b"T\xff\xff\xff\xff", "none"),
        (b"\x80\4T\xff\xff\xff\xff", "none"),
        (b"\x80\4X\0\0\1\0abc", "cut off"),
        (b"\x80\4\x8e" + b"\xff" * 8 + b"abc", "cut off"),
        (b"\x80\4", "cut off"),
        (EVIL[:-1], "pickle"),
        (EVIL[:-3], "cut off"),
        (b"V\ncbuiltins\nprint\n)R\xff", "pickle"),
        (b"\x80\4Vabc", "cut off"),
        (b"\x80\4V" + b"a" * ((1 << 20) + 9), "none"),
        (b"\x80\4V" + b"a" * (1 << 20), "none"),
        (b"", "none"),
        (b"0N.", "none"),
        (b"N00N.", "none"),
        (b"NN0\x94N.", "pickle"),
        (b"cbuiltins\nprint\n()R.more", "none"),
        (b"N\x85\x86N.", "none"),
        (b"(0N.", "pickle"),
        (b"1N.", "none"),
        (b"(1N.", "pickle"),
    ],
)
def test_bytes_are_a_pickle_as_far_as_an_unpickler_would_go(raw: bytes, kind: str) -> None:
    assert walked(ArtifactContent.of("m", io.BytesIO(raw), len(raw))).kind == kind


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"\x8c\1a\x8c\1b\x82\1.", []),
        (b"N\x8c\1b\x93.", []),
        (b"cm\nn\ncm\nn\n.", ["m.n"]),
        (b"".join(b"cm\n%d\n" % at for at in range(7)) + b".", [f"m.{at}" for at in range(5)]),
    ],
)
def test_the_first_imports_are_named_once(raw: bytes, names: list[str]) -> None:
    assert walked(ArtifactContent.of("m", io.BytesIO(raw), len(raw))).names == names


def test_the_names_of_an_import_are_the_last_two_texts() -> None:
    raw = b"\x8c\1x\x8c\x08builtins\x8c\5print\x93)R."
    assert walked(ArtifactContent.of("m", io.BytesIO(raw), len(raw))).names == ["builtins.print"]
    raw = b"c" + b"m" * 3_000 + b"\nn\n.X\xe8\3\0\0" + b"a" * 1_000
    assert walked(ArtifactContent.of("m", io.BytesIO(raw), len(raw))).names == [f"{'m' * 1_000}.n"]
    raw = b"X\xe8\3\0\0" + b"a" * 1_000 + b"\x8c\1b\x93."
    assert walked(ArtifactContent.of("m", io.BytesIO(raw), len(raw))).names == [f"{'a' * 1_000}.b"]


def test_the_message_names_what_a_pickle_imports() -> None:
    assert parts(EVIL)[0].code.endswith("imports builtins.print")


HIDDEN: dict[str, bytes] = {
    "in gzip": gzip.compress(EVIL),
    "in bzip2": bz2.compress(EVIL),
    "in xz": lzma.compress(EVIL),
    "in lzma": lzma.compress(EVIL, format=lzma.FORMAT_ALONE),
    "in zlib": zlib.compress(EVIL),
    "in joblib with compression": dumped({"f": np.float64}, compress=3),
    "in zip": zipped({"weights.bin": EVIL}),
    "in a zip with compression": zipped({"weights.bin": EVIL}, zipfile.ZIP_DEFLATED),
    "in tar": tarred({"weights.bin": EVIL}),
    "in tar in gzip": tarred({"weights.bin": EVIL}, "w:gz"),
    "in zip in tar": tarred({"model.zip": zipped({"weights.bin": EVIL})}),
    "in zip in zip": zipped({"a.zip": zipped({"weights.bin": EVIL}, zipfile.ZIP_DEFLATED)}, zipfile.ZIP_DEFLATED),
    "as an array of objects": array(np.array([{}, None], dtype=object)),
    "as an array with a field of objects": array(np.zeros(2, dtype=[("a", "i4"), ("b", "O")])),
    "in npz": zipped({"w.npy": array(np.array([{}], dtype=object))}),
    "in torch": zipped({"archive/data.pkl": EVIL, "archive/data/0": bytes(64), "archive/version": b"3\n"}),
    "in torch twice": zipped({"a/data.pkl": EVIL, "a/more.pkl": EVIL}),
    "in skops": zipped({"schema.json": b"{}", "more.npy": EVIL}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_pickle_is_found_where_it_is_hidden(name: str) -> None:
    assert [part.code for part in parts(HIDDEN[name]) if "pickle" in part.code] != []


WITH_CODE: dict[str, tuple[str, bytes]] = {
    "a layer of code in Keras": ("m.bin", (MODELS / "lambda.keras").read_bytes()),
    "a layer of code in HDF5": ("m.bin", (MODELS / "lambda.h5").read_bytes()),
    "a layer of code in the description": ("config.json", b'{"layers": [{"class_name": "L\\u0061mbda"}]}'),
    "an import of Keras": ("c.json", b'{"class_name": "system", "module": "os", "config": {}}'),
    "a builtin of Keras": ("c.json", b'{"class_name": "exec", "module": "builtins"}'),
    "code of Transformers": ("config.json", b'{"auto_map": {"AutoModel": "modeling.My"}}'),
    "a program of Linux": ("libops.so", b"\x7fELF\x02\x01\x01" + bytes(40)),
    "a program of Windows": ("ops.dll", b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0"),
    "compiled Python": ("m.pyc", b"\xa7\r\r\n" + bytes(12) + b"\xe3\0\0"),
    "the text of a program": ("modeling.py", b"import os\n"),
    "a tag of Python in YAML": ("MLmodel", b"model: !!python/object/apply:os.system [ls]\n"),
    "a script": ("run", b"#!/bin/sh\n"),
}


@pytest.mark.parametrize("name", WITH_CODE)
def test_what_runs_when_it_is_loaded_is_named(name: str) -> None:
    shown, raw = WITH_CODE[name]
    assert any(part.code for part in parts(raw, shown))


FINE: dict[str, tuple[bytes, str]] = {
    "an array": (array(np.arange(12.0).reshape(3, 4)), "numpy"),
    "no dimension": (array(np.array(1.5)), "numpy"),
    "fields": (array(np.zeros(2, dtype=[("a", "i4"), ("b", "f8")])), "numpy"),
    "arrays": (zipped({"a.npy": array(np.arange(3)), "b.npy": array(np.ones(2))}, zipfile.ZIP_DEFLATED), "npz"),
    "a zip": (zipped({"a.txt": b"a", "b.json": b"{}"}), "zip"),
    "a tar": (tarred({"a.txt": b"a", "empty": b""}), "tar"),
    "pmml": (PMML, "pmml"),
    "json": (b'\xef\xbb\xbf{"a": [1, 2]}\n', "json"),
    "a word per line": (b"cat\nsat\nmat\n", "text"),
    "a list in brackets": (b"[section]\nkey = 1\n", "text"),
    "tabs and form feeds": ("ä\tb\f\r\n".encode(), "text"),
    "other xml": (b"<?xml version='1.0'?><svg/>", "text"),
    "a letter that is an opcode": (b".", "text"),
    "numbers as opcodes": (b"I1\nI2\n", "text"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize("name", FINE)
def test_what_lies_beside_a_model_is_known(name: str) -> None:
    raw, kind = FINE[name]
    found = parts(raw, "x")
    assert (found[0].format, fine(found)) == (kind, True)


def listed(name: bytes, raw: bytes, other: bytes) -> bytes:
    """A zip in which the file itself has another name than its list."""
    made = zipped({name.decode(): raw})
    return made.replace(name, other, 1)


def linked() -> bytes:
    """A tar with a link that leads out of it."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:") as archive:
        entry = tarfile.TarInfo("model.bin")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    return made.getvalue()


BROKEN: dict[str, tuple[bytes, str]] = {
    "an encrypted zip": (
        zipped({"a": b"a"}).replace(b"PK\1\2\x14\x03\x14\0\0", b"PK\1\2\x14\x03\x14\0\1"), "encrypted"),
    "a name twice": (zipped({"aa": b"1", "ab": b"2"}).replace(b"ab", b"aa"), "a name twice"),
    "two names": (listed(b"aa.txt", b"1", b"zz.txt"), "has two names"),
    "a path that leads out": (zipped({"../a": b"a"}), "leads out of it"),
    "a path from the top": (zipped({"/a": b"a"}), "leads out of it"),
    "a zip behind something": (b"hello\n" + zipped({"a": b"a"}), "begins with something else"),
    "a zip with a comment": (zipped({"a": b"a"}) + b"more", "no end of its archive"),
    "a zip with a comment that it states": (zipped({"a": b"a"})[:-2] + b"\4\0more", "a comment"),
    "a folder with content": (zipped({"data.pkl/": EVIL}), "a folder that has content"),
    "a file of two sizes": (
        zipped({"aa": b"1" * 9}).replace(b"\t\0\0\0\t\0\0\0\2\0\0", b"\t\0\0\0\x08\0\0\0\2\0\0"), "two sizes"),
    "an empty zip": (zipped({}), "begins with something else"),
    "a damaged file in a zip": (
        zipped({"a": b"abc" * 99}, zipfile.ZIP_DEFLATED).replace(b"KL", b"\xff\xff", 1), "cannot be unpacked"),
    "a link in a tar": (linked(), "a link or a device"),
    "gzip that is cut off": (gzip.compress(b"text" * 99)[:-9], "cannot be unpacked to its end"),
    "gzip followed by something": (gzip.compress(b"text") + b"more", "cannot be unpacked to its end"),
    "zlib followed by something": (zlib.compress(b"text") + b"more", "followed by something else"),
    "a format that is not unpacked": (b"\x28\xb5\x2f\xfd" + bytes(20), "zstd"),
    "a bomb": (gzip.compress(bytes(1 << 27)), "unpacks to more"),
    "a bomb in a zip": (zipped({"a": bytes(1 << 27)}, zipfile.ZIP_DEFLATED), "unpacks to more"),
    "archives in archives": (
        zipped({"a": zipped({"b": zipped({"c": zipped({"d": b"d"})})})}), "in more than 3 archives"),
    "an array that is too short": (array(np.arange(9))[:-1], "cut off"),
    "an array that is too long": (array(np.arange(9)) + b"x", "followed by something else"),
    "an impossible array": (b"\x93NUMPY\1\0\x10\0{'descr': [[[[]]]]", "not one of numpy"),
    "a gap between tensors": (
        (26 + 30).to_bytes(8, "little") + json.dumps({"a": {"data_offsets": [4, 8]}}).encode().ljust(56) + bytes(8),
        "does not describe"),
    "a key twice": (b'{"a": 1, "a": 2}', "a key twice"),
    "json that is cut off": (b'{"learner": {"a": [1, 2', "cut off"),
    "json that is nested": (b'{"a":' * 50_000, "not whole JSON"),
    "entities": (b'<!DOCTYPE PMML [<!ENTITY a "a">]><PMML>&a;</PMML>', "document type"),
    "pmml that is cut off": (PMML[:-9], "cut off"),
    "HDF5 behind something": (bytes(512) + (MODELS / "arrays.h5").read_bytes(), "begins with something else"),
    "a pickle in front of an archive": (EVIL + zipped({"a": b"a"}), "pickle and zip"),
    "a tar with a name that is a pickle": (tarred({"cos\nsystem\n(S'ls'\ntR.": b"a"}), "pickle and tar"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_nobody_can_say_is_a_fault(name: str) -> None:
    raw, said = BROKEN[name]
    faults = [part.fault for part in parts(raw)]
    assert said in " ".join(faults)
    assert any(faults)


def test_random_bytes_are_unknown_and_nothing_crashes() -> None:
    draw = random.Random(3)
    for start in (
        b"",
        b"\x80\x04",
        b"PK\3\4",
        b"\x93NUMPY\1\0",
        b"\x89HDF\r\n\x1a\n\0",
        b"CBM1",
        b"{L",
        b"\x1f\x8b\x08\0",
    ):
        for _ in range(40):
            raw = start + draw.randbytes(draw.randrange(64, 600))
            assert not fine(parts(raw)), raw


@pytest.mark.parametrize("name", ["linear.skops", "dense.keras", "boosted.ubj", "lambda.h5"])
def test_a_byte_that_is_changed_stops_nothing(name: str) -> None:
    raw, draw = bytearray((MODELS / name).read_bytes()), random.Random(5)
    for _ in range(40):
        at, old = draw.randrange(len(raw)), 0
        old, raw[at] = raw[at], draw.randrange(256)
        assert parts(bytes(raw))
        raw[at] = old


def test_of_many_pickles_in_one_format_the_first_is_named() -> None:
    raw = zipped({**{f"a/{name}": EVIL for name in ("data.pkl", "b.pkl", "c.pkl")}, "a/data/0": bytes(64)})
    _, found = parts(raw, "m.pt")
    assert found.name == "m.pt!a/data.pkl"
    assert found.code.endswith("imports builtins.print (and 2 more there)")


def test_numbers_in_a_format_are_not_taken_for_files() -> None:
    """Weights can begin with any bytes, and a format knows which of its parts are weights."""
    for start in (b"{L\0", b'{"\xff\xfe', b"\x1f\x8b\xff", b"[\xff", b"<a\xff", b"MZ\xff", b"78"):
        raw = zipped({"a/data.pkl": pickle.dumps({}, protocol=2), "a/data/0": start + b"\xfe\xff" * 40})
        assert [part.name for part in parts(raw, "m")] == ["m", "m!a/data.pkl"], start


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


def _named(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def _gguf(kind: int = 0) -> bytes:
    """A model with a vocabulary of two words and one tensor of eight numbers of 32 bits."""
    words = struct.pack("<IIQ", 9, 8, 2) + _named(b"a") + _named(b"b")
    values = _named(b"general.alignment") + struct.pack("<II", 4, 32) + _named(b"tokenizer.ggml.tokens") + words
    tensor = _named(b"weight") + struct.pack("<IQQIQ", 2, 4, 2, kind, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + values + tensor
    return header + bytes(-len(header) % 32) + bytes(32)


PIECES = b"".join(
    _field(1, _field(1, text) + b"\x15\0\0\0\0" + b"\x18\x02") for text in (b"<unk>", b"a", "\u2581b".encode())
)
BESIDE = {
    "gguf": _gguf(),
    "sentencepiece": PIECES + _field(2, b"\x20\x03") + _field(3, _field(1, b"nmt_nfkc")),
    "png": b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0"))
    + _chunk(b"IEND", b""),
    "jpeg": b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x03a" + b"\x01\xff\0\xff\xd0\x02" + b"\xff\xd9",
}
"""Small files of formats that need no library to be written."""


@pytest.mark.parametrize("name", BESIDE)
def test_what_a_folder_of_a_language_model_has_is_known(name: str) -> None:
    found = parts(BESIDE[name])
    assert [part.format for part in found] == [name]
    assert fine(found)


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_beside_is_not_fine_when_it_is_cut_off_or_followed(name: str) -> None:
    raw = BESIDE[name]
    wrong = [raw[:-1], raw[: len(raw) // 2], raw + b"\x01\x02" * 64, raw + EVIL]
    assert [fine(parts(each)) for each in wrong] == [False] * len(wrong)


def test_a_gguf_with_tensors_of_an_unknown_type_is_a_fault() -> None:
    assert "type that mlgate does not know" in parts(_gguf(kind=200))[0].fault


def _tflite(length: int = 8, version: int = 3) -> bytes:
    """A model with one graph without fields, and one buffer that states `length` bytes, of which eight are there."""
    root = struct.pack("<HHHHHHHxx", 14, 16, 4, 0, 8, 0, 12)  # at 8: where the fields of the table at 24 lie
    model = struct.pack("<iIII", 24 - 8, version, 40 - 32, 48 - 36)  # at 24: the version, and the two lists
    graphs = struct.pack("<II", 1, 60 - 44)  # at 40
    buffers = struct.pack("<II", 1, 72 - 52)  # at 48
    graph = struct.pack("<HHi", 4, 4, 60 - 56)  # its fields at 56, the table at 60
    buffer = struct.pack("<HHHxxiI", 6, 8, 4, 72 - 64, 4)  # its fields at 64, the table at 72, data at 80
    return (
        struct.pack("<I", 24)
        + b"TFL3"
        + root
        + model
        + graphs
        + buffers
        + graph
        + buffer
        + struct.pack("<I", length)
        + bytes(8)
    )


def test_a_model_of_tensorflow_lite_is_known() -> None:
    found = parts(_tflite())
    assert [part.format for part in found] == ["tflite"]
    assert fine(found)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (_tflite(length=9), "cut off"),
        (_tflite()[:60], "cut off"),
        (_tflite(version=2), "version"),
    ],
)
def test_a_model_of_tensorflow_lite_that_is_not_whole_is_a_fault(raw: bytes, fault: str) -> None:
    assert fault in parts(raw)[0].fault
