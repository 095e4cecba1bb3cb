"""Archives and weights that are damaged, and processes that are killed while they write."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import signal
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from hypothesis import strategies as st

from faults.kinds import check, kind
from inpaintlib import _cache, _readers, classifiers, datasets
from inpaintlib.datasets import DataError
from inpaintlib.networks import LeNet, Network

LIGHTS = [f"A{azimuth:+04d}E+00" for azimuth in range(-20, 20, 5)]
PEOPLE = ("yaleB01", "yaleB13")
SPLITS = ("train", "test")


@dataclass(frozen=True)
class Small:
    """Tiny full sets: their files, and what their readers are told to expect."""

    files: dict[str, bytes]
    idx: dict[str, _readers.IdxFile]
    yale: str


@cache
def small() -> Small:
    random = np.random.default_rng(0)
    files, idx = {}, {}
    for split, count in (("train", 24), ("test", 10)):
        arrays = {"images": random.integers(0, 256, (count, 28, 28)), "labels": np.arange(count)}
        for part, array in arrays.items():
            file = _readers.MNIST_FILES[f"{split}_{part}"]
            head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            raw = head + (array % (256 if part == "images" else 10)).astype(np.uint8).tobytes()
            files[file.name] = gzip.compress(raw, mtime=0)
            digest = hashlib.sha256(raw).hexdigest()
            idx[f"{split}_{part}"] = _readers.IdxFile(file.name, array.shape, digest)
    packed, pixels = io.BytesIO(), b""
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(f"{person}_P00{light}.pgm" for person in PEOPLE for light in LIGHTS):
            image = np.full(_readers.YALE_SIZE, random.integers(256), np.uint8).tobytes()
            archive.writestr(f"CroppedYale/{name}", b"P5\n168 192\n255\n" + image)
            pixels += image
    files[_readers.YALE_ZIP] = packed.getvalue()
    return Small(files, idx, hashlib.sha256(pixels).hexdigest())


@contextmanager
def folders() -> Iterator[tuple[Path, Path]]:
    """Yield a folder of the tiny sets, which the readers take for the full ones, and a cache."""
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch.multiple(
            _readers,
            MNIST_FILES=small().idx,
            YALE_IMAGES=len(PEOPLE) * len(LIGHTS),
            YALE_PEOPLE=len(PEOPLE),
            YALE_SHA256=small().yale,
        ),
    ):
        data, store = Path(name) / "data", Path(name) / "cache"
        data.mkdir()
        for file, raw in small().files.items():
            (data / file).write_bytes(raw)
        with mock.patch.dict(
            os.environ, {"INPAINTLIB_DATA": str(data), "INPAINTLIB_CACHE": str(store)}
        ):
            yield data, store


def loaded(name: str) -> list[np.ndarray]:
    return [datasets.load(name, split=split).images for split in SPLITS]


@cache
def right(name: str) -> list[np.ndarray]:
    with folders():
        return loaded(name)


def same(found: list[np.ndarray], wanted: list[np.ndarray]) -> bool:
    return all(np.array_equal(*pair) for pair in zip(found, wanted, strict=True))


def mutated(data: st.DataObject, raw: bytes) -> bytes:
    """Return bytes of which some are flipped, cut, doubled, zeroed or foreign."""
    for _ in range(data.draw(st.integers(1, 3), label="changes")):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)), label="at")
        # Most of what decides is in the first and the last bytes.
        if data.draw(st.booleans(), label="near an end"):
            at = at % 64 if at % 2 else max(0, len(raw) - 1 - at % 256)
        size = data.draw(st.integers(1, 40), label="size")
        how = data.draw(st.sampled_from(["flip", "cut", "double", "zero", "other", "end"]))
        part = raw[at : at + size]
        if how == "flip" and part:
            bit = data.draw(st.integers(0, 7), label="bit")
            raw = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
        elif how == "end":
            raw = raw[:at]
        else:
            new = {"cut": b"", "double": part + part, "zero": bytes(len(part))}.get(how)
            foreign = data.draw(st.binary(max_size=8), label="bytes") if new is None else new
            raw = raw[:at] + foreign + raw[at + size :]
    return raw


@kind(
    "archives",
    "IDX, gzip, zip and PGM files with bytes changed, cut or added: the whole set is read, or a "
    "DataError of one line names the file",
    examples=80,
)
def archives(data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(small().files)), label="file")
    name = "faces-yale" if file == _readers.YALE_ZIP else "mnist"
    wanted = right(name)
    with folders() as (folder, _):
        raw = (folder / file).read_bytes()
        inside = file.endswith(".gz") and data.draw(st.booleans(), label="before it is packed")
        raw = gzip.compress(mutated(data, gzip.decompress(raw))) if inside else mutated(data, raw)
        (folder / file).write_bytes(raw)
        try:
            assert same(loaded(name), wanted), "other images were read"
        except DataError as error:
            check(error, file)


@kind(
    "PGM images",
    "files with bytes changed: an image of the promised size, or a DataError",
    examples=60,
)
def images(data: st.DataObject) -> None:
    raw = b"P5\n# light\n4 3\n255\n" + bytes(range(12))
    try:
        read = _readers.read_pgm(mutated(data, raw), "face.pgm")
    except DataError as error:
        check(error, "face.pgm")
    else:
        assert read.ndim == 2


@kind(
    "cached arrays",
    "a cache with bytes changed, or with other arrays of the right names: the set is decoded again",
    examples=40,
)
def cached(data: st.DataObject) -> None:
    wanted = right("mnist")
    with folders() as (_, store):
        loaded("mnist")
        path = store / "mnist-decoded.npz"
        if data.draw(st.booleans(), label="bytes"):
            path.write_bytes(mutated(data, path.read_bytes()))
        else:
            with np.load(path) as file:
                arrays = dict(file)
            name = data.draw(st.sampled_from(sorted(set(arrays) - {"key"})), label="array")
            how = data.draw(st.sampled_from(["cut", "float16", "gone", "flat"]), label="becomes")
            array = arrays.pop(name)
            changed = {
                "cut": lambda: array[1:],
                "float16": lambda: np.zeros(array.shape, np.float16),
                "flat": lambda: array[..., None],
            }
            if how != "gone":
                arrays[name] = changed[how]()
            np.savez(path, **arrays)
        assert same(loaded("mnist"), wanted), "other images were read"


@cache
def nets() -> tuple[Network, Network]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return tuple(LeNet((16, 16), ["a", "b"], name=name).rounded() for name in ("old", "new"))


@cache
def saved() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.safetensors"
        classifiers.save(nets()[0], path, facts={"accuracy": "0.9"})
        return path.read_bytes()


@kind(
    "weights",
    "a file of weights with bits flipped, bytes cut or added: it is read as it was, or refused "
    "with its name",
    examples=60,
)
def weights(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.safetensors"
        path.write_bytes(mutated(data, saved()))
        try:
            net = classifiers.read(path)
        except ValueError as error:
            check(error, str(path))
            return
        before = nets()[0]
        assert (net.name, net.facts) == (before.name, {"accuracy": "0.9"})
        for key, tensor in before.state_dict().items():
            assert torch.equal(net.state_dict()[key], tensor), "other weights were read"


#: The events of a process that touch a disk; it is killed at one of them.
EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")


def killed_at(event: int, work: Callable[[], object]) -> bool:
    """Run work in a process that is killed at a number of its events; whether it came so far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads do not matter to the child
        child = os.fork()
    if child == 0:
        left = event

        def watch(name: str, arguments: tuple) -> None:
            nonlocal left
            if name in EVENTS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@kind(
    "kill -9",
    "a process is killed while it decodes into the cache or saves weights: the next one reads "
    "what is right, an old file is whole, and the cache is swept",
    examples=25,
)
def kills(data: st.DataObject) -> None:
    event = data.draw(st.integers(0, 40), label="killed at event")
    if data.draw(st.booleans(), label="cache"):
        name = data.draw(st.sampled_from(["mnist", "faces-yale"]), label="set")
        wanted = right(name)
        with folders() as (_, store):
            if data.draw(st.booleans(), label="something is cached"):
                loaded(name)
                stored = store / f"{name}-decoded.npz"
                stored.write_bytes(stored.read_bytes()[:-1])
            killed_at(event, lambda: loaded(name))
            assert same(loaded(name), wanted)
            _cache.sweep()
            left = {path.name for path in store.iterdir()}
            assert left == {f"{name}-decoded.npz"}, left
        return
    old, new = nets()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.safetensors"
        classifiers.save(old, path, facts={})
        killed_at(event, lambda: classifiers.save(new, path, facts={}))
        assert classifiers.read(path).name in ("old", "new")
