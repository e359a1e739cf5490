/**
 * What is expected of a sample that the lossy picture has nearly (SPEC 12.2): the error around it, and how far that is to
 * be trusted. Integers alone; encoder and decoder run it alike.
 */

/** Inputs of the prediction: errors of neighbours, slopes of the lossy picture, errors of components before. */
const INPUTS = 16
/** Weights are in 1/2^16, a prediction in 1/2^8. */
const WEIGHT_LIMIT = 2 ** 18
/** Contexts: bits of the code of one error, and how many sets of them either half of the contexts has. */
const BITS = 48
const ACTIVITIES = 24
const SLOPES = 8
const BEFORE = 6
const NEAR = 6
const FIRST = 3 * ACTIVITIES * BITS
const SECOND = 3 * SLOPES * BEFORE * NEAR * BITS
export const CONTEXTS = FIRST + SECOND

export type Size = Readonly<{ width: number; height: number; components: 1 | 3 }>

export type Prediction = {
  /** Of the error, rounded; and what was rounded off, in 1/8: −4…3. */
  error: number
  fraction: number
  /** Where the sets of contexts begin. */
  first: number
  second: number
}

export type ResidualModel = Readonly<{
  /** Component `c` of the pixel at x, y. The object returned is the same each time. */
  predict(x: number, y: number, c: number): Prediction
  /** What it was: the difference of the sample from the lossy one, and from what was predicted of it. */
  learn(x: number, y: number, c: number, error: number, missed: number): void
}>

/** 0, 1, 2, 3, 4, 6, 8, 12, 16, 24, …: two steps an octave. */
function logStep(value: number, steps: number): number {
  if (value < 4) return value
  const octave = 31 - Math.clz32(value)
  return Math.min(steps - 1, 2 * octave + ((value >> (octave - 1)) & 1))
}

/** Order of the components: green is nearest to what they share. */
export const orderOf = (components: 1 | 3): readonly number[] => (components === 3 ? [1, 0, 2] : [0])

/**
 * @param lossy samples of the picture that the streams decode to
 * @example const model = residualModel(lossy, size); model.predict(0, 0, 1).error // 0
 */
export function residualModel(lossy: Uint8Array, { width, height, components }: Size): ResidualModel {
  // Of the last three rows and this one, two samples of border on either side: errors, and what was missed.
  const stride = (width + 4) * components
  const errors = new Int16Array(3 * stride)
  const misses = new Int16Array(2 * stride)
  const weights = Array.from({ length: components }, () => {
    const start = new Int32Array(INPUTS)
    start[0] = start[1] = 2 ** 14
    return start
  })
  const inputs = new Int32Array(INPUTS)
  const found: Prediction = { error: 0, fraction: 0, first: 0, second: 0 }
  const order = orderOf(components)
  let raw = 0
  let row = -1

  function predict(x: number, y: number, c: number): Prediction {
    if (y !== row) {
      row = y
      errors.fill(0, (y % 3) * stride, (y % 3) * stride + stride)
      misses.fill(0, (y % 2) * stride, (y % 2) * stride + stride)
    }
    const place = (x + 2) * components + c
    const here = (y % 3) * stride + place
    const above = ((y + 2) % 3) * stride + place
    const above2 = ((y + 1) % 3) * stride + place
    const step = components
    const at = (y * width + x) * components + c
    const center = lossy[at]
    const left = x > 0 ? lossy[at - step] : center
    const right = x < width - 1 ? lossy[at + step] : center
    const up = y > 0 ? lossy[at - width * step] : center
    const down = y < height - 1 ? lossy[at + width * step] : center

    inputs[0] = errors[here - step]
    inputs[1] = errors[above]
    inputs[2] = errors[above - step]
    inputs[3] = errors[above + step]
    inputs[4] = errors[here - 2 * step]
    inputs[5] = errors[above2]
    // Slopes are large beside errors, and say less: at full size they would slow all weights down.
    inputs[6] = (left - center) >> 2
    inputs[7] = (right - center) >> 2
    inputs[8] = (up - center) >> 2
    inputs[9] = (down - center) >> 2
    // Components that are known of this pixel, with two of their neighbours: what they have in common.
    const position = order.indexOf(c)
    let before = 0
    for (let k = 0; k < 2; k++) {
      const known = k < position
      const other = known ? order[k] - c : 0
      inputs[10 + 3 * k] = known ? errors[here + other] : 0
      inputs[11 + 3 * k] = known ? errors[here - step + other] : 0
      inputs[12 + 3 * k] = known ? errors[above + other] : 0
      if (known) before += Math.abs(misses[(y % 2) * stride + place + other])
    }
    const w = weights[c]
    let sum = 0
    for (let i = 0; i < INPUTS; i++) sum += w[i] * inputs[i] // < 16 · 2^18 · 2^8: a double holds it
    raw = Math.max(-65280, Math.min(65280, Math.floor(sum / 256)))
    found.error = (raw + 128) >> 8
    found.fraction = (raw - found.error * 256) >> 5

    const missed = (y % 2) * stride + place
    const missedAbove = ((y + 1) % 2) * stride + place
    const near = Math.abs(misses[missed - step]) + Math.abs(misses[missedAbove])
    const far =
      Math.abs(misses[missedAbove - step]) + Math.abs(misses[missedAbove + step]) + Math.abs(misses[missed - 2 * step])
    const activity = logStep(2 * near + far + (position > 0 ? 2 * before : 0), ACTIVITIES)
    found.first = (c * ACTIVITIES + activity) * BITS
    const slope = logStep((Math.abs(left - right) + Math.abs(up - down)) >> 2, SLOPES)
    const set = ((c * SLOPES + slope) * BEFORE + logStep(before, BEFORE)) * NEAR + logStep(near >> 1, NEAR)
    found.second = FIRST + set * BITS
    return found
  }

  function learn(x: number, y: number, c: number, error: number, missed: number): void {
    const place = (x + 2) * components + c
    errors[(y % 3) * stride + place] = error
    misses[(y % 2) * stride + place] = missed
    let energy = 64
    for (let i = 0; i < INPUTS; i++) energy += inputs[i] * inputs[i] // ≤ 2^20 + 64
    const gain = Math.trunc(((error * 256 - raw) * 2 ** 9) / energy) // |…| ≤ 2^17 · 2^9 / 2^6
    const w = weights[c]
    for (let i = 0; i < INPUTS; i++) {
      w[i] = Math.max(-WEIGHT_LIMIT, Math.min(WEIGHT_LIMIT, w[i] + ((gain * inputs[i]) >> RATE)))
    }
  }
  return { predict, learn }
}

/** 2^−RATE is how much of an error the weights take over at once. */
const RATE = 6
