// What the classifier is shown in one step: the image shifted, and only windows of it (paper section 3.4).
//
// Counterpart: inpaintlib.descent.Views. The gradient that comes back is shifted back by the exact inverse, so that
// the image itself never moves.

/** One step's shift and windows. Without jitter and patches nothing is drawn, and the image is shown as it is. */
export class Views {
  /** @param recipe its jitter, patches and window_sides @param generator where the random numbers come from */
  constructor([height, width], { jitter, patches, window_sides: sides }, generator) {
    const moves = jitter > 0 || patches > 0;
    const shift = moves ? [generator.integer(-jitter, jitter + 1), generator.integer(-jitter, jitter + 1)] : [0, 0];
    const windows = randomWindows(patches, [height, width], sides, generator);
    Object.assign(this, { shape: [height, width], shift, windows });
  }

  /** How many views there are. */
  get count() {
    return Math.max(this.windows.length, 1);
  }

  /** Write view number `index` of an image to `view`. */
  show(image, index, view) {
    view.fill(0);
    this.#walk(index, (here, there) => (view[there] = image[here]));
  }

  /** Add to `gradient` the slope with respect to view number `index`, times `weight`. */
  back(slope, index, weight, gradient) {
    this.#walk(index, (here, there) => (gradient[here] += weight * slope[there]));
  }

  /** Visit each pixel that the view shows: its place in the image, and its place in the view. */
  #walk(index, visit) {
    const [height, width] = this.shape;
    const [down, right] = this.shift;
    const { top, left, side } = this.windows[index] ?? { top: 0, left: 0, side: Infinity };
    const bottom = Math.min(top + side, height);
    const end = Math.min(left + side, width);
    for (let y = top; y < bottom; y++) {
      const row = modulo(y - down, height) * width;
      for (let x = left; x < end; x++) visit(row + modulo(x - right, width), y * width + x);
    }
  }
}

/** Draw square windows of random side and place; the order of the draws is that of inpaintlib.descent.random_windows. */
function randomWindows(count, [height, width], [smallest, largest], generator) {
  const sides = Array.from({ length: count }, () => generator.integer(smallest, largest + 1));
  const places = (length) => sides.map((side) => Math.trunc(Math.fround(generator.single() * (length - side + 1))));
  const tops = places(height);
  const lefts = places(width);
  return sides.map((side, i) => ({ side, top: tops[i], left: lefts[i] }));
}

function modulo(value, length) {
  return ((value % length) + length) % length;
}
