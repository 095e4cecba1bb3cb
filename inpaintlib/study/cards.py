"""Cards: the claims as a page shows them, from a bar of all verdicts to each number's interval.

All of it is HTML without a blank line, which Markdown hands on unchanged. The page works without a
script; ``book/_static/claims.js`` adds the filters, ``claims.css`` the looks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from IPython.display import Markdown

from inpaintlib._signatures import check_module
from inpaintlib.study.claims import Answer, Verdict, shown
from inpaintlib.study.records import Checked, Record, counts

#: Each verdict's shape, in a square of 16 units; it tells them apart without their colours.
SHAPES: Mapping[str, str] = {
    "reproduced": '<circle cx="8" cy="8" r="7"/><path class="mark" d="M4.5 8.5 7 11l4.5-5.5"/>',
    "partly": '<circle class="line" cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 0 0 12z"/>',
    "not reproduced": '<path d="M1.5 1.5h13v13h-13z"/><path class="mark" d="m5 5 6 6m0-6-6 6"/>',
    "inconclusive": '<path class="line" d="m8 1.5 6.5 6.5L8 14.5 1.5 8z"/><path d="M7 7h2v2H7z"/>',
    "not tested": '<circle class="line dashed" cx="8" cy="8" r="6"/>',
}

#: The sign before each answer, which the page also shows as a word.
SIGNS: Mapping[str, str] = {Answer.YES: "✓", Answer.NO: "✗", Answer.OPEN: "?"}

# The size of a drawn interval, and the free part of its width at either side.
_WIDTH, _HEIGHT, _MARGIN = 120, 16, 0.12

# Where the cards are, seen from a page in the same folder.
_CARDS = "claims.html"


def summary(records: Sequence[Record], *, page: str = _CARDS) -> Markdown:
    """Return a bar of all verdicts with their counts, and a list of links to the claims of each.

    Args:
        records: The claims.
        page: The page of claims, seen from the page that the summary is on.
    """
    found = {verdict: count for verdict, count in counts(records).items() if count}
    parts = "".join(
        f'<span class="{_class(verdict)}" style="flex-grow: {count}">'
        f"{_shape(verdict)}{count}</span>"
        for verdict, count in found.items()
    )
    links = "".join(
        f'<li><a class="{_class(verdict)}" href="{page}?verdict={_name(verdict)}#claims-cards">'
        f"{_shape(verdict)}{count} {verdict}</a></li>"
        for verdict, count in found.items()
    )
    return _markdown(
        f'<div class="claims-summary" role="group" aria-label="Verdicts on {len(records)} claims">'
        f'<div class="claims-bar" aria-hidden="true">{parts}</div><ul>{links}</ul></div>'
    )


def page(records: Sequence[Record]) -> Markdown:
    """Return the filters, a table of all claims, links to the same as data, and the cards."""
    return _markdown(
        '<div id="claims-cards" class="claims">',
        _filters(records),
        '<p class="claims-files">The same as data, with the address and the number of cases of '
        'each number: <a href="claims.csv" download>claims.csv</a>, '
        '<a href="claims.json" download>claims.json</a>.</p>',
        _table(records),
        *map(_card, records),
        "</div>",
    )


def verdict_link(record: Record) -> str:
    """Return a claim's verdict and a link to its card, for another page in the same folder."""
    return (
        f'<span class="{_class(record.verdict)}">{_shape(record.verdict)}{record.verdict}</span>: '
        f'<a href="{_CARDS}#{record.id}">{text(record.claim)}</a>'
    )


def interval(check: Checked) -> str:
    """Return an SVG of a number and its interval, before the range in which it is wanted.

    The scale fits the number, its interval and the limits. A limit is a line, the range is shaded.
    """
    limits = [limit for limit in (check.above, check.below) if limit is not None]
    ends = [check.low, check.value, check.high, *limits]
    first, span = min(ends), (max(ends) - min(ends)) or 1.0

    def x(value: float) -> float:
        return round(_WIDTH * (_MARGIN + (1 - 2 * _MARGIN) * (value - first) / span), 1)

    begin = 0.0 if check.above is None else x(check.above)
    end = float(_WIDTH) if check.below is None else x(check.below)
    low, at, high, middle = x(check.low), x(check.value), x(check.high), _HEIGHT // 2
    lines = "".join(f'<path class="limit" d="M{x(limit)} 0v{_HEIGHT}"/>' for limit in limits)
    points = {
        Answer.YES: f'<circle cx="{at}" cy="{middle}" r="3.5"/>',
        Answer.NO: f'<path d="M{at - 3:.1f} {middle - 3}h6v6h-6z"/>',
    }
    hollow = f'<circle class="hollow" cx="{at}" cy="{middle}" r="3"/>'
    return (
        f'<svg class="interval" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true">'
        f'<rect class="wanted" x="{begin}" width="{end - begin:.1f}" height="{_HEIGHT}"/>{lines}'
        f'<path class="line" d="M{low} {middle}H{high}M{low} 4v8M{high} 4v8"/>'
        f"{points.get(check.answer, hollow)}</svg>"
    )


def _markdown(*parts: str) -> Markdown:
    return Markdown("\n".join(parts))


def text(source: str) -> str:
    """Return text of the file of claims as HTML; the only markup there is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(source.split())))


def _name(words: str) -> str:
    """Return words as one, for classes and addresses."""
    return words.replace(" ", "-")


def _class(verdict: Verdict) -> str:
    return f"verdict verdict-{_name(verdict)}"


def _shape(verdict: Verdict) -> str:
    return f'<svg class="shape" viewBox="0 0 16 16" aria-hidden="true">{SHAPES[verdict]}</svg>'


def _section(section: str) -> str:
    return "Abstract" if section == "abstract" else f"Section {section}"


def _chapter(chapter: str) -> str:
    """Return number and subject of a chapter, from the name of its notebook."""
    number, _, subject = chapter.partition("-")
    return f"{int(number)}, {subject.replace('-', ' ')}"


def _filters(records: Sequence[Record]) -> str:
    """Return the form; it is hidden until the script is there to answer it."""
    choices = [("", f"all {len(records)}")]
    choices += [
        (_name(verdict), f"{_shape(verdict)}{verdict}")
        for verdict, count in counts(records).items()
        if count
    ]
    verdicts = "".join(
        f'<label class="verdict verdict-{value or "any"}">'
        f'<input type="radio" name="verdict" value="{value}"{"" if value else " checked"}>{text}'
        "</label>"
        for value, text in choices
    )
    return (
        '<form class="claims-filters" autocomplete="off" hidden>'
        f"<fieldset><legend>Verdict</legend>{verdicts}</fieldset>"
        f"{_select('section', (record.section for record in records), _section)}"
        f"{_select('chapter', sorted({record.chapter for record in records}), _chapter)}"
        '<button type="button">Show all</button> <output></output></form>'
    )


def _select(name: str, values: Iterable[str], words: Callable[[str], str]) -> str:
    options = "".join(
        f'<option value="{value}">{words(value)}</option>' for value in dict.fromkeys(values)
    )
    return (
        f"<label>{name.capitalize()} "
        f'<select name="{name}"><option value="">all</option>{options}</select></label>'
    )


def _data(record: Record) -> str:
    """Return the attributes that the filters read."""
    return (
        f'data-verdict="{_name(record.verdict)}" data-section="{record.section}" '
        f'data-chapter="{record.chapter}"'
    )


def _chapter_link(record: Record) -> str:
    return f'<a href="../notebooks/{record.chapter}.html">{_chapter(record.chapter)}</a>'


def _table(records: Sequence[Record]) -> str:
    rows = "".join(
        f"<tr {_data(record)}><td>{record.section}</td>"
        f'<td><a href="#{record.id}">{text(record.claim)}</a></td>'
        f"<td>{_chapter_link(record)}</td>"
        f'<td><span class="{_class(record.verdict)}">'
        f"{_shape(record.verdict)}{record.verdict}</span></td></tr>"
        for record in records
    )
    titles = "".join(
        f'<th scope="col">{title}</th>' for title in ("section", "claim", "chapter", "verdict")
    )
    return (
        '<details class="claims-table"><summary>All verdicts in one table</summary>'
        '<div class="pst-scrollable-table-container">'  # the theme's, in which wide tables scroll
        f'<table class="table"><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>'
        "</div></details>"
    )


def _card(record: Record) -> str:
    place = [_section(record.section)]
    if record.figures:
        figures = ", ".join(map(str, record.figures))
        place.append(f"figure{'s' if len(record.figures) > 1 else ''} {figures}")
    place.append(f"chapter {_chapter_link(record)}")
    checks = "".join(map(_check, record.checks))
    checks = f'<ul class="claim-checks">{checks}</ul>' if checks else ""
    reason = (
        '<details class="claim-reason"><summary>Reason</summary>'
        f"<p>{text(record.reason)}</p></details>"
    )
    return (
        f'<article id="{record.id}" class="claim" {_data(record)}>'
        f"<h3>{text(record.claim)}</h3>"
        f'<p class="claim-head"><strong class="{_class(record.verdict)}">'
        f"{_shape(record.verdict)}{record.verdict}</strong> "
        f'<span class="claim-place">{" · ".join(place)}</span> '
        f'<a class="claim-link" href="#{record.id}" '
        f'aria-label="Link to the claim: {escape(record.claim)}">#</a></p>'
        f"{checks}{reason if record.reason else ''}</article>"
    )


def _range(check: Checked) -> str:
    """Return the range in which the whole interval is wanted."""
    limits = [shown(limit) for limit in (check.above, check.below) if limit is not None]
    if len(limits) == 2:
        return " to ".join(limits)
    return f"{'<' if check.above is None else '>'} {limits[0]}"


def _check(check: Checked) -> str:
    value, low, high = map(shown, (check.value, check.low, check.high))
    return (
        f'<li class="answer-{check.answer}"><span class="check-what">{text(check.what)}</span> '
        f'{interval(check)} <span class="check-number">{value} <small>({low} to {high})</small>'
        f'</span> <span class="check-wanted">wanted {escape(_range(check))}</span> '
        f'<strong class="check-answer"><span aria-hidden="true">{SIGNS[check.answer]} </span>'
        f"{check.answer}</strong></li>"
    )


check_module(__name__)
