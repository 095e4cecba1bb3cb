// Sliders and buttons over pictures that were computed when the book was built: see inpaintlib/_myst.py.
// All frames are on the page, in row-major order of the controls; the selected one is shown.

/** @type {(explorer: Element, name: string) => HTMLElement} the part of a class that every explorer has */
const part = (explorer, name) => /** @type {HTMLElement} */ (explorer.querySelector(`.${name}`));

/** @type {(control: HTMLElement) => number} which of a control's values is chosen, counted from 0 */
function numberOf(control) {
  const input = control instanceof HTMLInputElement ? control : control.querySelector("input:checked");
  return input instanceof HTMLInputElement ? Number(input.value) : 0;
}

for (const explorer of document.querySelectorAll(".explorer")) {
  /** @type {HTMLElement[]} sliders, and groups of buttons */
  const controls = [...explorer.querySelectorAll("[data-options]")].filter((each) => each instanceof HTMLElement);
  const frames = /** @type {HTMLImageElement[]} */ ([...explorer.querySelectorAll(".explorer-frame")]);
  const status = part(explorer, "explorer-status");
  const link = document.createElement("a"); // to the frame that is shown, as other pictures have, see pictures.js
  link.className = "image-reference";
  frames[0].before(link);
  link.append(...frames);

  const show = () => {
    let index = 0;
    for (const control of controls) {
      /** @type {string[]} */
      const options = JSON.parse(control.dataset.options ?? "[]");
      const chosen = numberOf(control);
      index = index * options.length + chosen;
      if (!(control instanceof HTMLInputElement)) continue;
      if (control.nextElementSibling instanceof HTMLOutputElement) control.nextElementSibling.value = options[chosen];
      control.setAttribute("aria-valuetext", options[chosen]);
    }
    frames.forEach((frame, i) => frame.classList.toggle("explorer-shown", i === index));
    link.href = frames[index].src;
    return frames[index];
  };

  for (const control of controls) {
    control.addEventListener("input", show);
    // Announced only when the slider stops, not at every value on the way.
    control.addEventListener("change", () => { status.textContent = show().alt; });
  }

  // A hidden lazy picture is not fetched; fetch them all once somebody is about to use the controls.
  const fetchAll = () => frames.forEach((frame) => { frame.loading = "eager"; new Image().src = frame.src; });
  explorer.addEventListener("pointerenter", fetchAll, { once: true });
  explorer.addEventListener("focusin", fetchAll, { once: true });

  show();
  part(explorer, "explorer-controls").hidden = false;
}
