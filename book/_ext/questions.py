"""The directive ``question``: a question with answers of which one is right, and a reason for each.

A Sphinx extension. Its text is the question, a list of answers, and a list of as many reasons, each
of which begins with *Right:* or *Wrong:*. On a page the answers are radio buttons, and
``book/_static/questions.js`` tells the reason of the chosen one; without a script, and on paper,
the reasons are a box that unfolds. In an EPUB both are lists.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata


class Question(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils has no types
    """A paragraph, a list of answers and a list of reasons."""


class Ask(SphinxDirective):
    """The directive; its argument is the question's number, as in ``3.1``."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the question.

        Raises:
            docutils.utils.DirectiveError: It has not the parts that it needs.
        """
        number = self.arguments[0]
        asked = Question(number=number, ids=[identity(number)])
        self.state.nested_parse(self.content, self.content_offset, asked)
        kinds = [type(child) for child in asked.children]
        if kinds != [nodes.paragraph, nodes.bullet_list]:
            raise self.error(f"question {number}: wanted a paragraph and a list")
        [paragraph, both] = asked.children
        count, odd = divmod(len(both.children), 2)
        reasons = both.children[count:]
        told = [reason.astext().split(":")[0] for reason in reasons]
        if odd or sorted(told) != ["Right", *["Wrong"] * (count - 1)]:
            raise self.error(
                f"question {number}: got {len(both.children)} items and the reasons {told}, wanted "
                "answers, then as many reasons, one with Right: and the others with Wrong:"
            )
        paragraph.insert(0, [nodes.strong("", f"Question {number}."), nodes.Text(" ")])
        answers = nodes.bullet_list("", *both.children[:count])
        asked.children = []
        asked += [paragraph, answers, nodes.bullet_list("", *reasons)]
        return [asked]


def identity(number: str) -> str:
    """Return the name of a question's place on its page."""
    return f"question-{number.replace('.', '-')}"


def form(asked: Question) -> list[nodes.Node]:
    """Return a question as radio buttons, with the reasons in a box that unfolds."""
    paragraph, answers, reasons = asked.children
    name, number = identity(asked["number"]), escape(asked["number"])
    shown: list[nodes.Node] = [html(f'<div class="question" id="{name}">'), paragraph]
    shown.append(
        html(f'<fieldset><legend class="visually-hidden">Answers to question {number}</legend>')
    )
    for place, answer in enumerate(answers.children):
        text = [child for block in answer.children for child in block.children]
        shown.append(html(f'<label><input type="radio" name="{name}" value="{place}"> '))
        shown += [nodes.inline("", "", *text), html("</label>")]
    shown.append(html('</fieldset><p class="question-told" role="status"></p>'))
    shown.append(html('<details class="answers"><summary>Answers</summary>'))
    return [*shown, reasons, html("</details></div>")]


def html(text: str) -> nodes.raw:
    """Return a piece of HTML."""
    return nodes.raw("", text, format="html")


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the form that a builder can show into the place of each question."""
    for asked in list(doctree.findall(Question)):
        asked.replace_self(form(asked) if app.builder.name == "html" else asked.children)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_node(Question)
    app.add_directive("question", Ask)
    app.connect("doctree-resolved", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
