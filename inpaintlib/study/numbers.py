"""Numbers: the measurements, in one format, with one store and one reader.

A :class:`Number` is the value of a *score* for a *subject* of an *experiment*, with its interval.
``numbers.get("initialization", "paper-digits/harmonic", "psnr")`` reads a stored one and raises an
error for one that is not stored. A paired difference is a number like any other: it is computed
case by case and stored when it is measured, because the intervals of two means do not tell whether
their difference is certain.

Each experiment has a CSV in ``inpaintlib/study/results``, and another one in ``results/few`` for
its run on few cases, which the tests measure again. The last row of a file is a checksum of the
others: the store refuses a file in which a number was changed by hand.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from inpaintlib import _files, metrics
from inpaintlib._signatures import check_module
from inpaintlib.study import scales

# The stored numbers of the package.
RESULTS = Path(__file__).parent / "results"

# A mean with the lower and the upper end of its interval.
Estimate = tuple[float, float, float]

#: The packages that affect the numbers, by the name of their distribution.
_PACKAGES = {
    "torch": "torch",
    "numpy": "numpy",
    "opencv": "opencv-python-headless",
    "scikit-image": "scikit-image",
    "inpaintlib": "inpaintlib",
}

_CHECKSUM = "checksum"
_DIGITS = 4


class UnknownNumber(KeyError):  # noqa: N818  # it is a key that is unknown
    """The requested number is not stored."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the quotes of its repr


@dataclass(frozen=True)
class Number:
    """One measured number.

    Attributes:
        experiment: Its experiment.
        subject: The thing scored, from general to special, as in ``"digits/side 4/empty"``.
        score: The name of the score, as in ``"psnr"``. It has no slash.
        value: The number. A share is in [0, 1], a PSNR in dB.
        low: The lower end of its 95 % interval; not a number where there is no interval.
        high: The upper end.
        cases: The number of values in the mean.
        tolerance: Allowed difference of a new measurement, on this or another machine.
        versions: The packages that it was measured with.
    """

    experiment: str
    subject: str
    score: str
    value: float
    low: float
    high: float
    cases: int
    tolerance: float
    versions: str = ""

    def __post_init__(self) -> None:
        if "/" in self.score:
            raise ValueError(f"score: got {self.score!r}, wanted a name without a slash")

    @property
    def key(self) -> tuple[str, str]:
        """Subject and score, which are unique within an experiment."""
        return self.subject, self.score

    @property
    def estimate(self) -> Estimate:
        """The value and the two ends of its interval."""
        return self.value, self.low, self.high


def mean(
    subject: str,
    score: str,
    values: ArrayLike,
    *,
    tolerance: float,
    groups: ArrayLike | None = None,
) -> Number:
    """Return the mean of ``values`` ``(N,)`` with its interval, not yet part of an experiment.

    The interval is that of :func:`metrics.interval`, with the range of the score as its bounds. So
    bools, and scores between 0 and 1 of which all values are 0 or 1, are a share, and their paired
    differences are a difference of shares.

    Args:
        subject: See :class:`Number`.
        score: See :class:`Number`.
        values: One for each case: bools for a share, differences for a paired difference.
        tolerance: See :class:`Number`.
        groups: The unit that each case comes from, ``(N,)``, such as the image or the person, if
            several come from one, see :attr:`inpaintlib.study.protocol.Cases.units`.
    """
    given = np.asarray(values)
    known = scales.base(score) in scales.RANGES
    bounds = scales.range_of(subject, score) if known else scales.ANY
    low, high = metrics.interval(given, groups=groups, bounds=bounds)
    return Number("", subject, score, float(given.mean()), low, high, len(given), tolerance)


def plain(subject: str, score: str, value: float, *, cases: int, tolerance: float) -> Number:
    """Return a number without an interval, not yet part of an experiment."""
    return Number("", subject, score, float(value), math.nan, math.nan, cases, tolerance)


def rank_correlation(
    subject: str,
    first: NDArray,
    second: NDArray,
    *,
    tolerance: float,
    groups: ArrayLike | None = None,
    resamples: int = 2000,
) -> Number:
    """Return Spearman's rank correlation of two tables ``(N, S)``, all entries taken together.

    Its interval comes from resampling the rows, since the S entries of a row come from one image,
    or groups of rows. There is none for fewer than six, or where all draws have one correlation. If
    one table is constant, the correlation is set to 0.

    Args:
        subject: See :class:`Number`; the score is ``"rank correlation"``.
        first: The one table.
        second: The other.
        tolerance: See :class:`Number`.
        groups: The group of each row, ``(N,)``, see :func:`mean`; each row alone if None.
        resamples: How many times the groups are drawn, with replacement.
    """

    def correlation(rows: NDArray) -> float:
        pairs = [rankdata(values[rows]) for values in (first, second)]
        constant = any(np.ptp(ranks) == 0 for ranks in pairs)
        return 0.0 if constant else float(np.corrcoef(*pairs)[0, 1])

    rows = np.arange(len(first))
    of = rows if groups is None else np.asarray(groups)
    together = [rows[of == group] for group in np.unique(of)]
    count, rng = len(together), np.random.default_rng(0)
    drawn = [
        correlation(np.concatenate([together[group] for group in rng.integers(count, size=count)]))
        for _ in range(resamples)
    ]
    value = correlation(rows)
    known = count >= 6 and np.ptp(drawn) > 1e-9  # up to rounding
    low, high = np.quantile(drawn, [0.025, 0.975]) if known else (math.nan, math.nan)
    score = "rank correlation"
    return Number("", subject, score, value, float(low), float(high), first.size, tolerance)


class Numbers(Mapping[tuple[str, str], Number]):
    """The stored numbers of an experiment, by subject and score, in the order of the file.

    Args:
        experiment: Its name.
        found: The numbers.
    """

    def __init__(self, experiment: str, found: Iterable[Number]) -> None:
        self.experiment = experiment
        self._found = {number.key: number for number in found}

    def __getitem__(self, key: tuple[str, str]) -> Number:
        if key not in self._found:
            raise UnknownNumber(self._unknown(*key))
        return self._found[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def subjects(self) -> list[str]:
        """Return every subject once, in the order of the file."""
        return list(dict.fromkeys(subject for subject, _ in self._found))

    def at(self, address: str) -> Number:
        """Return a number by subject and score in one string, ``"SUBJECT/SCORE"``.

        Raises:
            UnknownNumber: It is not stored.
        """
        subject, _, score = address.rpartition("/")
        return self[subject, score]

    def estimates(self, subjects: Mapping[str, str], score: str) -> dict[str, Estimate]:
        """Return a score of several subjects, for :func:`inpaintlib.figures.forest`.

        Args:
            subjects: The subjects, by the names that are shown.
            score: The score.

        Raises:
            UnknownNumber: One is not stored.
        """
        return {name: self[subject, score].estimate for name, subject in subjects.items()}

    def curve(self, subjects: Iterable[str], score: str) -> NDArray[np.float64]:
        """Return a score of several subjects ``(3, N)``: the means, lower ends and upper ends.

        :func:`inpaintlib.figures.curves` draws it as a line in a band.

        Raises:
            UnknownNumber: One is not stored.
        """
        return np.array([self[subject, score].estimate for subject in subjects]).T

    def _unknown(self, subject: str, score: str) -> str:
        scores = [known for of, known in self._found if of == subject]
        if scores:
            return (
                f"score: got {score!r}, wanted one that {self.experiment} has of "
                f"{subject!r}: {', '.join(scores)}"
            )
        near = difflib.get_close_matches(subject, self.subjects(), n=3, cutoff=0)
        return (
            f"subject: got {subject!r}, wanted one of the {len(self.subjects())} of "
            f"{self.experiment}, such as {', '.join(map(repr, near))}"
        )


class Store:
    """The numbers in a folder.

    Args:
        folder: The folder of the CSV files and of the folder ``few``.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._read: dict[Path, Numbers] = {}

    def path(self, experiment: str, *, few: bool = False) -> Path:
        """Return the file of an experiment, or of its run on few cases."""
        return (self.folder / "few" if few else self.folder) / f"{experiment}.csv"

    def experiments(self) -> list[str]:
        """Return the stored experiments in alphabetical order."""
        return sorted(path.stem for path in self.folder.glob("*.csv"))

    def read(self, experiment: str, *, few: bool = False) -> Numbers:
        """Return all stored numbers of an experiment.

        Args:
            experiment: Its name.
            few: Those of its run on few cases.

        Raises:
            UnknownNumber: Nothing is stored of it.
            ValueError: The file was changed after it was written.
        """
        path = self.path(experiment, few=few)
        if path not in self._read:
            if not path.exists():
                raise UnknownNumber(
                    f"experiment: got {experiment!r}, wanted one of {', '.join(self.experiments())}"
                )
            self._read[path] = Numbers(experiment, _parsed(experiment, path))
        return self._read[path]

    def get(self, experiment: str, subject: str, score: str, *, few: bool = False) -> Number:
        """Return a stored number.

        Raises:
            UnknownNumber: It is not stored; the message names similar ones that are.
            ValueError: The file was changed after it was written.
        """
        return self.read(experiment, few=few)[subject, score]

    def write(self, experiment: str, found: Iterable[Number], *, few: bool = False) -> None:
        """Store the numbers of an experiment, all of them or none.

        Values and intervals are rounded to four digits after the point.

        Raises:
            ValueError: A subject has the same score twice.
        """
        path = self.path(experiment, few=few)
        text = _text(found)
        path.parent.mkdir(parents=True, exist_ok=True)
        _files.write(path, text.encode("utf-8"))
        self._read.pop(path, None)


# The numbers of the package.
STORE = Store(RESULTS)


def read(experiment: str, *, few: bool = False) -> Numbers:
    """Return all numbers of an experiment that come with the package, see :meth:`Store.read`."""
    return STORE.read(experiment, few=few)


def get(experiment: str, subject: str, score: str) -> Number:
    """Return a number that comes with the package, see :meth:`Store.get`."""
    return STORE.get(experiment, subject, score)


def versions() -> str:
    """Return the versions of the packages that affect the numbers, in one line."""
    found = []
    for name, distribution in _PACKAGES.items():
        try:
            found.append(f"{name} {metadata.version(distribution)}")
        except metadata.PackageNotFoundError:  # OpenCV is needed by two of the methods only
            continue
    return ", ".join(found)


#: The columns of a file – the experiment is the file's name.
_COLUMNS = [field.name for field in fields(Number) if field.name != "experiment"]


def _text(found: Iterable[Number]) -> str:
    """Return the content of a file, with its checksum."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(_COLUMNS)
    keys = set()
    for number in found:
        if number.key in keys:
            raise ValueError(f"{number.subject}: got the score {number.score} twice, wanted once")
        keys.add(number.key)
        writer.writerow([_cell(getattr(number, column)) for column in _COLUMNS])
    body = lines.getvalue()
    return f"{body}{_CHECKSUM},{_digest(body)}{',' * (len(_COLUMNS) - 2)}\n"


def _cell(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "" if math.isnan(value) else round(value, _DIGITS) + 0.0  # no negative zero


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _parsed(experiment: str, path: Path) -> Iterator[Number]:
    """Yield the numbers of a file; refuse one that was changed after it was written."""
    body, mark, rest = path.read_text(encoding="utf-8").rpartition(f"{_CHECKSUM},")
    if not mark or rest.rstrip(",\n") != _digest(body):
        raise ValueError(
            f"{path.name}: its rows are not those of the measurement: the checksum differs; "
            f"measure {experiment} again"
        )
    for row in csv.DictReader(io.StringIO(body)):
        yield Number(
            experiment,
            row["subject"],
            row["score"],
            float(row["value"]),
            float(row["low"] or "nan"),
            float(row["high"] or "nan"),
            int(row["cases"]),
            float(row["tolerance"]),
            row["versions"],
        )


check_module(__name__)
