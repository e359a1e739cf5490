/**
 * The network before quantisation, behind the same engine interface and in the same units (h in 1/256, values in 1/64),
 * without rounding and without clips: for parity with the prototype, for calibration, and for what integers cost.
 * It is the prototype's arithmetic (prototype/photo/photo.py) in doubles, stored as float32.
 */
import { escapeBits, forEachCell, isEnd, rowOf } from '../../engine/cells.js'
import type { Engine, Kind, Numbers, OutputMode, Size } from '../../engine/engine.js'
import { ESCAPE_MAX, PROBABILITY_ONE, TRUNK_MAX } from '../../engine/limits.js'

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x)

export const floatEngine: Engine = {
  name: 'float',

  round: (x) => x,

  narrowed: (x) => x,

  allocate: (_kind, length) => new Float32Array(length),

  workspace<Name extends string>(sizes: Readonly<Record<Name, readonly [Kind, number]>>) {
    const arrays = {} as Record<Name, Numbers>
    for (const name in sizes) arrays[name] = new Float32Array(sizes[name][1])
    return arrays
  },

  lambdaBias({ coefficients, channels }, s) {
    const t = s - 40
    return Float32Array.from(
      { length: channels },
      (_, c) => coefficients[c] + coefficients[channels + c] * t + coefficients[2 * channels + c] * t * t,
    )
  },

  rectify(h, bias, _shift, channels, size, border, out) {
    copyGrid(h, channels, size, border, out)
    const margin = border ? 1 : 0
    const row = (size.width + 2 * margin) * channels
    for (let y = margin; y < size.height + margin; y++) {
      const from = y * row + margin * channels
      for (let i = 0; i < size.width * channels; i++) {
        out[from + i] = Math.max(0, out[from + i] + (bias ? bias[i % channels] : 0))
      }
    }
  },

  narrow(x, _shift, channels, size, out) {
    copyGrid(x, channels, size, true, out)
  },

  conv3x3(convolution, x, { width, height }, mode, out) {
    const { inputs, outputs, weights, bias } = convolution
    const stride = (width + 2) * inputs
    for (let y = 0; y < height; y++) {
      for (let column = 0; column < width; column++) {
        for (let o = 0; o < outputs; o++) {
          let sum = bias[o]
          for (let ky = 0; ky < 3; ky++)
            sum += dot(weights, (o * 3 + ky) * 3 * inputs, x, (y + ky) * stride + column * inputs, 3 * inputs)
          store(sum, mode, out, (y * width + column) * outputs + o)
        }
      }
    }
  },

  conv1x1(convolution, x, positions, mode, out) {
    const { inputs, outputs, weights, bias } = convolution
    for (let p = 0; p < positions; p++) {
      for (let o = 0; o < outputs; o++)
        store(bias[o] + dot(weights, o * inputs, x, p * inputs, inputs), mode, out, p * outputs + o)
    }
  },

  conv1x1Outputs({ inputs, weights, bias }, x, positions, first, end, out) {
    let to = 0
    for (let p = 0; p < positions; p++) {
      for (let o = first; o < end; o++) out[to++] = bias[o] + dot(weights, o * inputs, x, p * inputs, inputs)
    }
  },

  /** sigma holds σ in 1/64 per 1/256 of u. */
  splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma) {
    const r = layer.end - layer.first
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < r; c++) {
        mean[p * r + c] = clamp(heads[p * 2 * r + c], -limit, limit)
        const logScale = clamp(heads[p * 2 * r + r + c] + scaleBias[c], -1536, 1280) + layer.scaleBase[c]
        sigma[p * r + c] = Math.exp(logScale / 256) / 4
      }
    }
  },

  frequencies(layer, z, positions, out) {
    const { K, rows, rank, priorTable, priorBias } = layer
    const r = layer.end - layer.first
    const logits = new Float64Array(K)
    for (let cell = 0; cell < positions * r; cell++) {
      const table = (cell % r) * rows
      for (let row = 0; row < rows; row += K) {
        for (let k = 0; k < K; k++)
          logits[k] = priorBias[table + row + k] + dot(priorTable, (table + row + k) * rank, z, cell * rank, rank)
        const most = Math.max(...logits)
        let total = 0
        for (let k = 0; k < K; k++) total += logits[k] = Math.exp((logits[k] - most) / 256)
        for (let k = 0; k < K; k++) out[cell * rows + row + k] = 1 + (logits[k] / total) * (PROBABILITY_ONE - K)
      }
    }
  },

  candidateValue(layer, heads, limit, cell, row, count) {
    const moved = row === layer.rows - layer.leaves ? -count : count
    const c = cell % (layer.end - layer.first)
    return clamp(heads.mean[cell] + heads.sigma[cell] * (layer.u[c * layer.rows + row] + 256 * moved), -limit, limit)
  },

  nearestCount(layer, heads, cell, leaf, target) {
    const end = this.candidateValue(layer, heads, Infinity, cell, layer.rows - layer.leaves + leaf, 0)
    const beyond = leaf === 0 ? end - target : target - end
    return clamp(Math.round(beyond / (256 * heads.sigma[cell])), 0, ESCAPE_MAX)
  },

  cheapest(layer, heads, target, weights, importance, lambda, limit, size, out) {
    const { leaves, rows } = layer
    forEachCell(layer, size, (cell, c, position) => {
      const weight = importance ? weights[c] * importance[position] : weights[c]
      let best = Infinity
      for (let leaf = 0; leaf < leaves; leaf++) {
        let bits = 0
        for (let depth = 1; depth <= layer.n; depth++)
          bits += 15 - Math.log2(heads.frequencies[cell * rows + rowOf(layer, leaf, depth)])
        const counts = isEnd(layer, leaf) ? [0, this.nearestCount(layer, heads, cell, leaf, target[cell])] : [0]
        for (const count of counts) {
          const error = this.candidateValue(layer, heads, limit, cell, rows - leaves + leaf, count) - target[cell]
          const cost = weight * error * error + lambda * (bits + (isEnd(layer, leaf) ? escapeBits(count) : 0))
          if (cost < best) {
            best = cost
            out.leaves[cell] = leaf
            out.counts[cell] = count
          }
        }
      }
    })
  },

  apply(layer, heads, choices, limit, size, sumStride, sum, features) {
    const { rows, leaves, u } = layer
    const r = layer.end - layer.first
    features.fill(0, 0, size.width * size.height * 3 * r)
    forEachCell(layer, size, (cell, c, p) => {
      const row = rows - leaves + choices.leaves[cell]
      const value = this.candidateValue(layer, heads, limit, cell, row, choices.counts[cell])
      const at = p * sumStride + layer.first + c
      sum[at] = clamp(sum[at] + value, -limit, limit)
      features[p * 3 * r + c] = Math.sign(value) * 1024 * Math.log1p(Math.abs(value) / 2304)
      features[p * 3 * r + r + c] = u[c * rows + row] / 2
      features[p * 3 * r + 2 * r + c] = Math.abs(u[c * rows + row] / 2)
    })
  },
}

function dot(a: Numbers, from: number, b: Numbers, at: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += a[from + i] * b[at + i]
  return sum
}

function store(y: number, mode: OutputMode, out: Numbers, at: number): void {
  out[at] =
    mode === 'activation' ? Math.max(0, y) : mode === 'accumulate' ? clamp(out[at] + y, -TRUNK_MAX, TRUNK_MAX) : y
}

function copyGrid(from: Numbers, channels: number, { width, height }: Size, border: boolean, out: Numbers): void {
  if (!border) {
    out.set(from.subarray(0, width * height * channels))
    return
  }
  const row = (width + 2) * channels
  out.fill(0, 0, row * (height + 2))
  for (let y = 0; y < height; y++) {
    out.set(from.subarray(y * width * channels, (y + 1) * width * channels), (y + 1) * row + channels)
  }
}
