// A table wider than its place scrolls there: it is named, and its edge tells that there is more, see paper.css.
// The theme lets the keyboard reach it when the page is loaded; here also what is unfolded later.

const boxes = [...document.querySelectorAll(".pst-scrollable-table-container")];

/** @type {(box: Element) => string} */
function headsOf(box) {
  return [...box.querySelectorAll("thead th")].map((head) => head.textContent?.trim()).filter(Boolean).join(", ");
}

// Of several tables with the same heads each has a number: a list of regions has them one below the other.
/** @type {(box: Element) => string} */
function nameOf(box) {
  const alike = boxes.filter((other) => headsOf(other) === headsOf(box));
  const number = alike.length > 1 ? ` ${alike.indexOf(box) + 1} of ${alike.length}` : "";
  return `Wide table${number}: ${headsOf(box)}`;
}

/** @type {(box: HTMLElement) => void} */
function tellWidth(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  const wide = hidden > 1;
  box.classList.toggle("more-left", wide && box.scrollLeft > 1);
  box.classList.toggle("more-right", wide && box.scrollLeft < hidden - 1);
  box.tabIndex = wide ? 0 : -1;
  if (wide) {
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", nameOf(box));
  } else {
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
  }
}

const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.closest(".pst-scrollable-table-container");
    if (box instanceof HTMLElement) tellWidth(box);
  }
});

for (const box of boxes) {
  if (!(box instanceof HTMLElement)) continue;
  widths.observe(box);
  if (box.firstElementChild) widths.observe(box.firstElementChild);
  box.addEventListener("scroll", () => tellWidth(box), { passive: true });
}
