// The plain elements that a panel is made of.

/**
 * Make an element with a class, a text and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [name]
 * @param {string} [text]
 * @param {...Node} children
 */
export function make(tag, name = "", text = "", ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

/**
 * Make a button.
 *
 * @param {string} words
 * @param {() => void} act
 */
export function button(words, act) {
  const element = make("button", "live-button", words);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

/**
 * Make an input with its label around it.
 *
 * @param {string} name - of the label's class
 * @param {string} words
 * @param {Partial<Record<"type" | "name" | "min" | "max" | "step" | "value" | "accept", string>>} properties - of the
 *   input
 * @param {(input: HTMLInputElement) => void} changed
 */
export function labelled(name, words, properties, changed) {
  const input = Object.assign(make("input"), properties);
  input.addEventListener("input", () => changed(input));
  return make("label", name, words, input);
}

/**
 * Make a part that opens and closes.
 *
 * @param {string} words
 * @param {boolean} open
 * @param {...Node} children
 */
export function foldable(words, open, ...children) {
  const element = make("details", "live-group", "", make("summary", "", words), ...children);
  element.open = open;
  return element;
}

/**
 * Make a paragraph that assistive software reads or ignores.
 *
 * @param {string} name
 * @param {string} attribute
 * @param {string} value
 */
export function paragraph(name, attribute, value) {
  const element = make("p", name);
  element.setAttribute(attribute, value);
  return element;
}
