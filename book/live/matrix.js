// Products of matrices and vectors, in blocks of four rows: a number of the vector, once read, serves all four, and the
// four sums do not wait for one another.

/**
 * Add the products of some rows of a matrix (rows, columns) with a vector (columns) to sums (rows).
 *
 * @param {Float64Array} matrix
 * @param {Float64Array} vector
 * @param {Float64Array} sums
 * @param {number} [first] - of the rows
 * @param {number} [end]
 */
export function addProducts(matrix, vector, sums, first = 0, end = sums.length) {
  const columns = vector.length;
  let row = first;
  for (; row + 4 <= end; row += 4) {
    let a = sums[row], b = sums[row + 1], c = sums[row + 2], d = sums[row + 3];
    const a0 = row * columns, b0 = a0 + columns, c0 = b0 + columns, d0 = c0 + columns;
    for (let i = 0; i < columns; i++) {
      const x = vector[i];
      a += matrix[a0 + i] * x;
      b += matrix[b0 + i] * x;
      c += matrix[c0 + i] * x;
      d += matrix[d0 + i] * x;
    }
    sums[row] = a; sums[row + 1] = b; sums[row + 2] = c; sums[row + 3] = d;
  }
  for (; row < end; row++) {
    let sum = sums[row];
    for (let i = 0, at = row * columns; i < columns; i++) sum += matrix[at++] * vector[i];
    sums[row] = sum;
  }
}

/**
 * Add some rows of a matrix (rows, columns), times their weights, to a vector (columns). Rows of weight 0 are skipped.
 *
 * @param {Float64Array} matrix
 * @param {Float64Array} weights - (rows)
 * @param {Float64Array} vector
 * @param {number} [first] - of the rows
 * @param {number} [end]
 */
export function addRows(matrix, weights, vector, first = 0, end = weights.length) {
  const columns = vector.length;
  let row = first;
  /** The next row whose weight is not 0. */
  const next = () => {
    while (row < end && weights[row] === 0) row++;
    return row++;
  };
  for (;;) {
    const rows = [next(), next(), next(), next()];
    if (rows[3] < end) {
      const [a, b, c, d] = rows.map((each) => weights[each]);
      const [a0, b0, c0, d0] = rows.map((each) => each * columns);
      for (let i = 0; i < columns; i++) {
        vector[i] += a * matrix[a0 + i] + b * matrix[b0 + i] + c * matrix[c0 + i] + d * matrix[d0 + i];
      }
    } else {
      for (const each of rows) {
        if (each >= end) return;
        const weight = weights[each];
        for (let i = 0, at = each * columns; i < columns; i++) vector[i] += weight * matrix[at++];
      }
    }
  }
}

/**
 * A matrix with rows and columns exchanged.
 *
 * @param {Float64Array} matrix - (rows, columns)
 * @param {number} rows
 * @param {number} columns
 */
export function transposed(matrix, rows, columns) {
  const turned = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column];
  }
  return turned;
}
