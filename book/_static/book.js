// Accessibility fixes to the theme, MyST-NB, Sphinx and MathJax; tests/test_browser.py checks them with axe.

/** @type {(selector: string, repair: (element: Element) => void) => void} */
const each = (selector, repair) => document.querySelectorAll(selector).forEach(repair);

function repairNames() {
  // The contents: the button that unfolds the pages under a page has no name.
  each("li.has-children > details > summary", (summary) => {
    const page = summary.closest("li")?.querySelector("a")?.textContent?.trim();
    summary.setAttribute("aria-label", `Pages under ${page}`);
  });
  // The side bar: its name and the search stand outside the contents, in no landmark.
  each("#pst-primary-sidebar", (bar) => {
    bar.setAttribute("role", "navigation");
    bar.setAttribute("aria-label", "Book");
  });
  // Hidden code, and the search button: a name that differs from the visible text.
  each(".cell summary[aria-label], .search-button-field[aria-label]", (element) => {
    element.removeAttribute("aria-label");
  });
  // The choice of light or dark: icons whose own names become part of the button's.
  each(".theme-switch, .theme-switch title", (icon) => {
    icon.removeAttribute("title");
    if (icon.localName === "title") icon.remove();
  });
  // The bibliography: a list without list items.
  each(".citation-list, .citation-list > *", (element) => element.removeAttribute("role"));
}

// An equation wider than the page scrolls, so the keyboard must reach it.
function letEquationsScroll() {
  each('mjx-container[display="true"]', (equation) => {
    if (!(equation instanceof HTMLElement)) return;
    if (equation.scrollWidth > equation.clientWidth) equation.tabIndex = 0;
    else equation.removeAttribute("tabindex");
  });
}

repairNames();
window.addEventListener("load", () => {
  repairNames(); // icons are drawn by then
  window.MathJax?.startup?.promise.then(letEquationsScroll);
});
window.addEventListener("resize", letEquationsScroll);
