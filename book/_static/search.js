// The search's excerpts: words instead of raw TeX, and none where a page has no text, instead of an error.

/* global Search */

if (typeof Search !== "undefined") {
  const { htmlToText, makeSearchSummary } = Search;

  /** @param {string} html @param {string} anchor */
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".bd-header-article, #jb-print-docs-body").forEach((each) => each.remove());
    page.querySelectorAll(".math, .eqno, svg, inpaint-live").forEach((each) => each.replaceWith(" … "));
    return htmlToText(page.documentElement.outerHTML, anchor).replace(/\s+/g, " ");
  };

  /** @param {string} html @param {Set<string>} words @param {string} anchor */
  Search.makeSearchSummary = (html, words, anchor) =>
    makeSearchSummary(html, words, anchor) ?? makeSearchSummary(html, words, "") ?? document.createElement("p");
}
