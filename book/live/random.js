// Random numbers: the same draws as those of a torch.Generator on the CPU with the same seed.
//
// So jitter, windows and noise are the same as in Python. Counterparts: inpaintlib.descent, inpaintlib.starts.noise.

const SIZE = 624;

/** The Mersenne Twister MT19937, seeded as torch.Generator().manual_seed(seed) seeds it. */
export class Generator {
  #state = new Uint32Array(SIZE);
  #next = SIZE;

  /** @param {number} seed - a whole number; its lowest 32 bits count */
  constructor(seed) {
    const state = this.#state;
    state[0] = Number(BigInt.asUintN(32, BigInt(seed)));
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1] ^ (state[i - 1] >>> 30);
      state[i] = Math.imul(1812433253, before) + i;
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  bits() {
    if (this.#next === SIZE) this.#twist();
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /**
   * torch.randint(low, high, ()): a whole number from low to high - 1.
   *
   * @param {number} low
   * @param {number} high
   */
  integer(low, high) {
    return low + (this.bits() % (high - low));
  }

  /** torch.rand(()): a float32 in [0, 1), of 24 random bits. */
  single() {
    return (this.bits() & 0xffffff) / 2 ** 24;
  }

  /** torch.rand((), dtype=torch.float64): a float64 in [0, 1), of 53 random bits. */
  double() {
    const high = this.bits() & 0x1fffff;
    return (high * 2 ** 32 + this.bits()) / 2 ** 53;
  }

  #twist() {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + 397) % SIZE] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}
