// The filters of the page "Claims": see inpaintlib/study/cards.py. The choice is kept in the page's address, so that a
// link can lead to it. A link to a card shows that card, whatever the choice.

/** @type {(form: HTMLFormElement) => void} */
const filterClaims = (form) => {
  const entries = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".claims [data-verdict]")]);
  const cards = entries.filter((entry) => entry.localName === "article");
  const status = /** @type {HTMLOutputElement} */ (form.querySelector("output"));

  const show = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    for (const entry of entries) {
      entry.hidden = chosen.some(([name, value]) => entry.dataset[name] !== value);
    }
    const count = cards.filter((card) => !card.hidden).length;
    status.value = count === cards.length ? `all ${count} claims` : `${count} of ${cards.length} claims`;
    return chosen;
  };

  const remember = () => {
    const query = new URLSearchParams(/** @type {[string, string][]} */ (show()));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  };

  const showTarget = () => {
    const card = cards.find(({ id }) => id === location.hash.slice(1));
    if (!card) return;
    if (card.hidden) {
      form.reset();
      show();
    }
    card.querySelector("details")?.setAttribute("open", "");
    card.scrollIntoView();
  };

  for (const [name, value] of new URLSearchParams(location.search)) {
    const control = form.elements.namedItem(name);
    if (control instanceof RadioNodeList) control.value = value;
    if (control instanceof HTMLSelectElement && [...control.options].some((option) => option.value === value)) {
      control.value = value;
    }
  }
  form.addEventListener("change", remember);
  form.querySelector("button")?.addEventListener("click", () => {
    form.reset();
    remember();
  });
  window.addEventListener("hashchange", showTarget);
  form.hidden = false;
  show();
  showTarget();
};

document.querySelectorAll("form.claims-filters").forEach((form) => {
  if (form instanceof HTMLFormElement) filterClaims(form);
});
