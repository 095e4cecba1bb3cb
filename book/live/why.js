// Says why a panel does not start, where the modules of the panel do not run.
//
// A classic script without imports, since browsers run no modules from a folder, in a frame without an origin, or where
// one of their files is missing. Only the panel itself takes these words away.
{
  const why = location.protocol === "file:" ? "the page was opened from a folder, where browsers run no modules"
    : globalThis.origin === "null" ? "the page is in a closed frame (sandbox), which may load no modules"
    : "";

  /** @param {string} reason */
  const tell = (reason) => {
    for (const place of document.querySelectorAll("inpaint-live:not([data-ready]) .live-why")) {
      place.textContent = `It does not start: ${reason}. `;
    }
  };

  addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement && target.src.endsWith("/panel.js")) {
      tell(why || "one of its files could not be loaded; reload the page");
    }
  }, true); // errors of loading do not bubble

  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (effectiveDirective.startsWith("script-src") && blockedURI.endsWith("/panel.js")) {
      tell("the site's content security policy blocks its script");
    }
  });

  if (why) document.addEventListener("DOMContentLoaded", () => tell(why));
}
