// Sliders over pictures that were computed when the book was built: see inpaintlib/_myst.py.
// All frames are on the page, in row-major order of the controls; the selected one is shown.

/** @type {(explorer: Element, name: string) => HTMLElement} the part of a class that every explorer has */
const part = (explorer, name) => /** @type {HTMLElement} */ (explorer.querySelector(`.${name}`));

for (const explorer of document.querySelectorAll(".explorer")) {
  /** @type {HTMLInputElement[]} */
  const inputs = [...explorer.querySelectorAll("input")];
  const frames = /** @type {HTMLImageElement[]} */ ([...explorer.querySelectorAll(".explorer-frame")]);
  const status = part(explorer, "explorer-status");
  const link = document.createElement("a"); // to the frame that is shown, as other pictures have, see pictures.js
  link.className = "image-reference";
  frames[0].before(link);
  link.append(...frames);

  const show = () => {
    let index = 0;
    for (const input of inputs) {
      /** @type {string[]} */
      const options = JSON.parse(input.dataset.options ?? "[]");
      const value = options[input.valueAsNumber];
      index = index * options.length + input.valueAsNumber;
      if (input.nextElementSibling instanceof HTMLOutputElement) input.nextElementSibling.value = value;
      input.setAttribute("aria-valuetext", value);
    }
    frames.forEach((frame, i) => frame.classList.toggle("explorer-shown", i === index));
    link.href = frames[index].src;
    return frames[index];
  };

  for (const input of inputs) {
    input.addEventListener("input", show);
    // Announced only when the slider stops, not at every value on the way.
    input.addEventListener("change", () => { status.textContent = show().alt; });
  }

  // A hidden lazy picture is not fetched; fetch them all once somebody is about to use the controls.
  const fetchAll = () => frames.forEach((frame) => { frame.loading = "eager"; new Image().src = frame.src; });
  explorer.addEventListener("pointerenter", fetchAll, { once: true });
  explorer.addEventListener("focusin", fetchAll, { once: true });

  show();
  part(explorer, "explorer-controls").hidden = false;
}
