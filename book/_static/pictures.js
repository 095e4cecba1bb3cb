// Opens a picture in full size, in a dialog. Without a script its link leads to the file. See pictures.css.

const dialog = document.createElement("dialog");
dialog.className = "full-size";
dialog.setAttribute("aria-label", "Picture in full size");
// The form scrolls and fills the dialog: what is pressed on the dialog itself is beside the picture.
dialog.innerHTML = '<form method="dialog"><button autofocus>Close</button><img alt=""></form>';

// Except on a button, sphinx_highlight.js takes Escape from the browser; after the button the focus is on no element.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") dialog.close();
});

/** @type {(link: HTMLElement, picture: HTMLImageElement) => void} */
function showFullSize(link, picture) {
  const whole = dialog.querySelector("img");
  if (!whole) return;
  whole.src = picture.src;
  whole.alt = picture.alt;
  document.body.append(dialog);
  link.focus({ preventScroll: true }); // the focus returns here; not every browser focuses what is pressed
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a.image-reference");
  if (!(link instanceof HTMLElement)) return;
  const picture = [...link.querySelectorAll("img")].find((image) => image.checkVisibility());
  if (!picture) return;
  event.preventDefault();
  showFullSize(link, picture);
});
