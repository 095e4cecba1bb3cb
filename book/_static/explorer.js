// Sliders over pictures that were computed when the book was built: see inpaintlib/widgets.py.
// All frames are on the page, in row-major order of the controls; the one that is asked for is shown.
for (const explorer of document.querySelectorAll(".explorer")) {
  const inputs = [...explorer.querySelectorAll("input")];
  const frames = [...explorer.querySelectorAll(".explorer-frame")];
  const status = explorer.querySelector(".explorer-status");

  function show() {
    let index = 0;
    for (const input of inputs) {
      const options = JSON.parse(input.dataset.options);
      const value = options[input.valueAsNumber];
      index = index * options.length + input.valueAsNumber;
      input.nextElementSibling.value = value;
      input.setAttribute("aria-valuetext", value);
    }
    frames.forEach((frame, i) => frame.classList.toggle("explorer-shown", i === index));
    return frames[index];
  }

  for (const input of inputs) {
    input.addEventListener("input", show);
    // In words once the slider rests, not at every value that it passes.
    input.addEventListener("change", () => { status.textContent = show().alt; });
  }

  // A hidden lazy picture is not fetched; fetch them all once somebody means to use the controls.
  const fetchAll = () => frames.forEach((frame) => { frame.loading = "eager"; new Image().src = frame.src; });
  explorer.addEventListener("pointerenter", fetchAll, { once: true });
  explorer.addEventListener("focusin", fetchAll, { once: true });

  explorer.querySelector(".explorer-controls").hidden = false;
}
