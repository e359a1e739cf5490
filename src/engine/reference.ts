/**
 * The plain engine: every kernel as the specification states it (SPEC 5), to be read beside it. Slow on purpose.
 * All sums are exact integers: the loader has proven that they fit in 32 bits (network/bounds.ts), and JavaScript
 * numbers hold them before the shift in any case.
 */
import { DdncError } from '../errors.js'
import type { CellTables, Convolution, Engine, Kind, Numbers, OutputMode, Size } from './engine.js'
import { BITS, escapeBits, forEachCell, isEnd, rowOf } from './cells.js'
import { ACTIVATION_MAX, ESCAPE_MAX, FINE_LIMIT, PROBABILITY_ONE, TRUNK_MAX } from './limits.js'
import { EXPONENTIAL, LOG_COARSE, LOG_FINE, SIGMA_MANTISSA, SIGMA_SHIFT } from './tables.js'

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x)

/** Half of 2^shift, for rounding; 0 where nothing is shifted out. Shifts are 0…30. */
const half = (shift: number): number => (1 << shift) >> 1

/** Add half, arithmetic shift. Exact for |x| < 2^52. */
const roundShift = (x: number, shift: number): number => Math.floor((x + half(shift)) / (1 << shift))

const ARRAYS = { int16: Int16Array, int32: Int32Array, uint16: Uint16Array } as const

/** An array that the machine does not give; the WASM engine's memory has the same limit. */
const tooLarge = (value: number, cause: unknown): DdncError =>
  new DdncError({ tag: 'LimitExceeded', what: 'the size of an array in bytes', value, limit: 2 ** 32 }, { cause })

export const reference: Engine = {
  name: 'reference',

  round: (x) => Math.floor(x + 0.5),

  narrowed: (x, shift) => clamp(roundShift(x, shift), -ACTIVATION_MAX, ACTIVATION_MAX),

  allocate(kind, length) {
    try {
      return new ARRAYS[kind](length)
    } catch (cause) {
      throw tooLarge(length * ARRAYS[kind].BYTES_PER_ELEMENT, cause)
    }
  },

  workspace<Name extends string>(sizes: Readonly<Record<Name, readonly [Kind, number]>>) {
    const arrays = {} as Record<Name, Numbers>
    for (const name in sizes) {
      const [kind, length] = sizes[name]
      arrays[name] = this.allocate(kind, length)
    }
    return arrays
  },

  // SPEC 5.3. |a| < 2^31 and |t| ≤ 40: exact in a double.
  lambdaBias({ coefficients, channels }, s) {
    const t = s - 40
    const bias = new Int32Array(channels)
    for (let c = 0; c < channels; c++) {
      bias[c] = roundShift(
        coefficients[c] + coefficients[channels + c] * t + coefficients[2 * channels + c] * t * t,
        16,
      )
    }
    return bias
  },

  // SPEC 5.1
  rectify(h, bias, shift, channels, size, border, out) {
    fillGrid(size, border, channels, out, (from, c) => {
      return clamp(roundShift(Math.max(0, h[from] + (bias ? bias[c] : 0)), shift), 0, ACTIVATION_MAX)
    })
  },

  // SPEC 5.1
  narrow(x, shift, channels, size, out) {
    fillGrid(size, true, channels, out, (from) => this.narrowed(x[from], shift))
  },

  // SPEC 5.2
  conv3x3(convolution, x, { width, height }, mode, out) {
    const { inputs, outputs, weights } = convolution
    const stride = (width + 2) * inputs
    for (let y = 0; y < height; y++) {
      for (let column = 0; column < width; column++) {
        for (let o = 0; o < outputs; o++) {
          let sum = 0
          for (let ky = 0; ky < 3; ky++) {
            // The three columns of one row of the window lie side by side, in the weights as in x.
            const from = (y + ky) * stride + column * inputs
            const w = (o * 3 + ky) * 3 * inputs
            for (let i = 0; i < 3 * inputs; i++) sum += weights[w + i] * x[from + i]
          }
          store(convolution, o, sum, mode, out, (y * width + column) * outputs + o)
        }
      }
    }
  },

  conv1x1(convolution, x, positions, mode, out) {
    outputs1x1(convolution, x, positions, 0, convolution.outputs, mode, out)
  },

  conv1x1Outputs(convolution, x, positions, first, end, out) {
    outputs1x1(convolution, x, positions, first, end, 'wide', out)
  },

  // SPEC 5.4
  splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma) {
    const r = layer.end - layer.first
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < r; c++) {
        mean[p * r + c] = clamp(heads[p * 2 * r + c], -limit, limit)
        const logScale = clamp(heads[p * 2 * r + r + c] + scaleBias[c], -1536, 1280) + layer.scaleBase[c]
        sigma[p * r + c] = clamp(logScale + 768, 0, 3784)
      }
    }
  },

  // SPEC 5.5
  frequencies(layer, z, positions, out) {
    const { K, rows, rank, priorTable, priorBias, priorShift } = layer
    const r = layer.end - layer.first
    const logits = new Int32Array(K)
    for (let cell = 0; cell < positions * r; cell++) {
      const c = cell % r
      for (let row = 0; row < rows; row += K) {
        for (let k = 0; k < K; k++) {
          let sum = priorBias[c * rows + row + k]
          for (let j = 0; j < rank; j++) sum += priorTable[(c * rows + row + k) * rank + j] * z[cell * rank + j]
          logits[k] = roundShift(sum, priorShift)
        }
        softmax(logits, out, cell * rows + row)
      }
    }
  },

  // SPEC 6.4
  candidateValue(layer, heads, limit, cell, row, count) {
    const moved = row === layer.rows - layer.leaves ? -count : count
    return clamp(heads.mean[cell] + scaled(layer, heads.sigma[cell], cell, row, moved), -limit, limit)
  },

  nearestCount(layer, heads, cell, leaf, target) {
    const sigma = heads.sigma[cell]
    const beyond = target - heads.mean[cell] - scaled(layer, sigma, cell, layer.rows - layer.leaves + leaf, 0)
    const unit = (SIGMA_MANTISSA[sigma] * 256) / 2 ** SIGMA_SHIFT[sigma]
    return clamp(Math.floor((leaf === 0 ? -beyond : beyond) / unit + 0.5), 0, ESCAPE_MAX)
  },

  // SPEC 6.8, the encoder's choice: not normative
  cheapest(layer, heads, target, weights, importance, lambda, limit, size, out) {
    const { leaves, rows } = layer
    const bits = new Float64Array(leaves)
    forEachCell(layer, size, (cell, c, position) => {
      const weight = importance ? weights[c] * importance[position] : weights[c]
      leafBits(layer, heads.frequencies, cell * rows, bits)
      let best = Infinity
      const consider = (leaf: number, count: number): void => {
        const error = this.candidateValue(layer, heads, limit, cell, rows - leaves + leaf, count) - target[cell]
        const codeBits = isEnd(layer, leaf) ? bits[leaf] + escapeBits(count) : bits[leaf]
        const cost = weight * (error * error) + lambda * codeBits
        if (cost < best) {
          best = cost
          out.leaves[cell] = leaf
          out.counts[cell] = count
        }
      }
      for (let leaf = 0; leaf < leaves; leaf++) {
        consider(leaf, 0)
        if (isEnd(layer, leaf)) {
          const count = this.nearestCount(layer, heads, cell, leaf, target[cell])
          if (count > 0) consider(leaf, count)
        }
      }
    })
  },

  // SPEC 6.4 and 6.6
  apply(layer, heads, choices, limit, size, sumStride, sum, features) {
    const { rows, leaves, u } = layer
    const r = layer.end - layer.first
    features.fill(0, 0, size.width * size.height * 3 * r)
    forEachCell(layer, size, (cell, c, p) => {
      const row = rows - leaves + choices.leaves[cell]
      const value = this.candidateValue(layer, heads, limit, cell, row, choices.counts[cell])
      const at = p * sumStride + layer.first + c
      sum[at] = clamp(sum[at] + value, -limit, limit)
      const magnitude = Math.abs(value)
      const log = limit > FINE_LIMIT ? LOG_COARSE[(magnitude + 32) >> 6] : LOG_FINE[(magnitude + 4) >> 3]
      const chosen = clamp((u[c * rows + row] + 1) >> 1, -ACTIVATION_MAX, ACTIVATION_MAX)
      features[p * 3 * r + c] = value < 0 ? -log : log
      features[p * 3 * r + r + c] = chosen
      features[p * 3 * r + 2 * r + c] = Math.abs(chosen)
    })
  },
}

function fillGrid(
  { width, height }: Size,
  border: boolean,
  channels: number,
  out: Numbers,
  value: (from: number, c: number) => number,
): void {
  const margin = border ? 1 : 0
  const stride = (width + 2 * margin) * channels
  if (border) out.fill(0, 0, (height + 2) * stride)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        out[(y + margin) * stride + (x + margin) * channels + c] = value((y * width + x) * channels + c, c)
      }
    }
  }
}

/** SPEC 5.2 */
function outputs1x1(
  convolution: Convolution,
  x: Numbers,
  positions: number,
  first: number,
  end: number,
  mode: OutputMode,
  out: Numbers,
): void {
  const { inputs, weights } = convolution
  let to = 0
  for (let p = 0; p < positions; p++) {
    for (let o = first; o < end; o++) {
      let sum = 0
      for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i] * x[p * inputs + i]
      store(convolution, o, sum, mode, out, to++)
    }
  }
}

function store({ bias, shift }: Convolution, o: number, sum: number, mode: OutputMode, out: Numbers, at: number): void {
  const y = roundShift(sum + bias[o], shift[o])
  switch (mode) {
    case 'activation':
      out[at] = clamp(y, 0, ACTIVATION_MAX)
      break
    case 'signed':
      out[at] = clamp(y, -ACTIVATION_MAX, ACTIVATION_MAX)
      break
    case 'wide':
      out[at] = y
      break
    case 'accumulate':
      out[at] = clamp(out[at] + y, -TRUNK_MAX, TRUNK_MAX)
  }
}

/**
 * Frequencies of 2^15, each at least 1; what rounding leaves goes to the first most probable. K ≤ 512: e·(2^15 − K) <
 * 2^31.
 */
function softmax(logits: Int32Array, out: Numbers, from: number): void {
  const K = logits.length
  let first = 0
  for (let k = 1; k < K; k++) if (logits[k] > logits[first]) first = k
  const e = (k: number): number => EXPONENTIAL[Math.min(logits[first] - logits[k], EXPONENTIAL.length - 1)]
  let total = 0
  for (let k = 0; k < K; k++) total += e(k)
  let rest = PROBABILITY_ONE
  for (let k = 0; k < K; k++) {
    const frequency = 1 + Math.floor((e(k) * (PROBABILITY_ONE - K)) / total)
    out[from + k] = frequency
    rest -= frequency
  }
  out[from + first] += rest
}

/** Bits of every leaf: the sum along its path. */
function leafBits(layer: CellTables, frequencies: Numbers, from: number, bits: Float64Array): void {
  for (let leaf = 0; leaf < layer.leaves; leaf++) {
    bits[leaf] = 0
    for (let depth = 1; depth <= layer.n; depth++) bits[leaf] += BITS[frequencies[from + rowOf(layer, leaf, depth)]]
  }
}

/**
 * σ·u in 1/64 of one row, u moved by an escape count (SPEC 5.4, 6.4). |mantissa·u| < 2^40: exact in a double.
 */
function scaled({ first, end, rows, u }: CellTables, sigma: number, cell: number, row: number, moved: number): number {
  const c = cell % (end - first)
  return roundShift(SIGMA_MANTISSA[sigma] * (u[c * rows + row] + 256 * moved), SIGMA_SHIFT[sigma])
}
