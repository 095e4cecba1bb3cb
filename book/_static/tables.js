// A table wider than its place scrolls there: it is named, and its edge tells that there is more, see paper.css.
// The theme lets the keyboard reach it when the page is loaded; here also what is unfolded later.

/** @type {(box: HTMLElement) => void} */
function tellWidth(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  const wide = hidden > 1;
  box.classList.toggle("more-left", wide && box.scrollLeft > 1);
  box.classList.toggle("more-right", wide && box.scrollLeft < hidden - 1);
  box.tabIndex = wide ? 0 : -1;
  if (wide) {
    const heads = [...box.querySelectorAll("thead th")].map((head) => head.textContent?.trim()).filter(Boolean);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `Wide table: ${heads.join(", ")}`);
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

for (const box of document.querySelectorAll(".pst-scrollable-table-container")) {
  if (!(box instanceof HTMLElement)) continue;
  widths.observe(box);
  if (box.firstElementChild) widths.observe(box.firstElementChild);
  box.addEventListener("scroll", () => tellWidth(box), { passive: true });
}
