// Unfolds on paper what is folded on the page, except code, and folds it again after printing.
// Chromium alone would not need it, see paper.css.

/** @type {HTMLDetailsElement[]} */
let unfolded = [];

addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details")].filter(
    (box) => !box.open && !box.classList.contains("above-input"),
  );
  unfolded.forEach((box) => (box.open = true));
});
addEventListener("afterprint", () => {
  unfolded.forEach((box) => (box.open = false));
  unfolded = [];
});
