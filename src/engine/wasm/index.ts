/**
 * The fast engine: WebAssembly SIMD kernels (assembly/), equal to `reference.ts` bit for bit. Here stands what JavaScript
 * does for them: the model's numbers and the tables into memory, addresses of arrays, and pieces of work.
 *
 * V8 replaces first-tier code only when a function is called anew, so long work is handed over in pieces.
 */
import { BITS } from '../cells.js'
import { DdncError } from '../../errors.js'
import type { CellTables, Convolution, Engine, Numbers, OutputMode, Size } from '../engine.js'
import type { EngineParts } from '../loadEngine.js'
import { FINE_LIMIT, reference } from '../reference.js'
import { EXPONENTIAL, LOG_COARSE, LOG_FINE, SIGMA_MANTISSA, SIGMA_SHIFT } from '../tables.js'
import { createMemory } from './memory.js'
import { instantiate } from './module.js'
import { packConvolution, packTables } from './pack.js'

const MODES: Readonly<Record<OutputMode, number>> = { activation: 0, signed: 1, wide: 2, accumulate: 3 }
/** Positions whose prior is made by one call. */
const PIECE = 64
/** Bytes of an array from outside that one call sees. */
const STAGE = 65536

/** Channels that a bias or the error's weights may have, at least. */
const SMALL = 1024

/** e(d) in double, (mantissa, shift) side by side. */
const exponential = Float64Array.from(EXPONENTIAL)
const sigmaRows = Int32Array.from({ length: 2 * SIGMA_MANTISSA.length }, (_, i) => (i & 1 ? SIGMA_SHIFT : SIGMA_MANTISSA)[i >> 1])

/**
 * An engine with its own memory, which holds the constants of one model.
 * Kernels take arrays of the latest `workspace`; biases, the error's weights and the target may lie anywhere.
 * @param parts every convolution and layer that will be run
 * @throws {DdncError} LimitExceeded if there is not enough memory; Corrupt if a number does not fit in its form.
 *   Kernels: BadOption if an array is from elsewhere or too short, or a convolution or layer was not among `parts`
 * @example const engine = await createWasmEngine({ convolutions: [layer.z], cellTables: [layer] })
 */
export async function createWasmEngine({ convolutions, cellTables }: EngineParts): Promise<Engine> {
  const widest = Math.max(SMALL, ...convolutions.map((c) => Math.max(c.inputs, c.outputs)), ...cellTables.map((l) => l.end - l.first))
  const wasmMemory = new WebAssembly.Memory({ initial: 16 })
  const kernels = await instantiate(wasmMemory)
  // A tile reads at most three positions and a step beyond its array.
  const memory = createMemory(wasmMemory, kernels.freeFrom(), 65536 + 8 * widest)
  const { address } = memory

  const exponentialAt = memory.place(exponential)
  const sigmasAt = memory.place(sigmaRows)
  const bitsAt = memory.place(BITS)
  const logFineAt = memory.place(LOG_FINE)
  const logCoarseAt = memory.place(LOG_COARSE)
  const smallAt = memory.place(new Float64Array(widest))
  const zerosAt = memory.place(new Int32Array(widest))
  const stageBytes = Math.max(STAGE, 4 * widest)
  const stageAt = memory.place(new Uint8Array(stageBytes))
  const convolutionsAt = new Map<Convolution, Readonly<{ weights: number; constants: number }>>()
  for (const convolution of convolutions) {
    const { weights, constants } = packConvolution(convolution)
    convolutionsAt.set(convolution, { weights: memory.place(weights), constants: memory.place(constants) })
  }
  const tablesAt = new Map<CellTables, Readonly<{ prior: number; u: number; scaleBase: number }>>()
  for (const layer of cellTables) {
    const { prior, u, scaleBase } = packTables(layer)
    tablesAt.set(layer, { prior: memory.place(prior), u: memory.place(u), scaleBase: memory.place(scaleBase) })
  }

  /** A small array from anywhere as int32 or double: its address until the next call. */
  function small(array: Numbers, length: number, what: string, Type: typeof Int32Array | typeof Float64Array): number {
    if (array instanceof Type && memory.holds(array)) return address(array, length, what)
    if (array.length < length || length > widest) {
      throw new DdncError({ tag: 'BadOption', option: `length of ${what}`, found: String(array.length), allowed: `${length}, at most ${widest}` })
    }
    new Type(memory.memory.buffer, smallAt, length).set(array.subarray(0, length))
    return smallAt
  }

  function convolve(kernel: 'convolve1x1' | 'convolve3x3', convolution: Convolution, x: Numbers, size: Size, mode: OutputMode, out: Numbers): void {
    const { name, inputs, outputs, side } = convolution
    const at = known(convolutionsAt.get(convolution), name)
    const { width, height } = size
    const margin = side - 1
    const from = address(x, (width + margin) * (height + margin) * inputs, `input of ${name}`)
    const to = address(out, width * height * outputs, `output of ${name}`)
    if (kernel === 'convolve3x3') kernels.convolve3x3(from, at.weights, at.constants, to, width, height, inputs, outputs, MODES[mode])
    else kernels.convolve1x1(from, at.weights, at.constants, to, width, inputs, outputs, MODES[mode])
  }

  return {
    name: 'wasm',
    round: reference.round,
    allocate: reference.allocate,
    lambdaBias: reference.lambdaBias,
    candidateValue: reference.candidateValue,
    nearestCount: reference.nearestCount,
    workspace: memory.workspace,

    rectify(h, bias, shift, channels, size, border, out) {
      const { width, height } = size
      const biasAt = bias ? small(bias, channels, 'bias', Int32Array) : zerosAt
      const from = address(h, width * height * channels, 'h')
      const to = address(out, gridLength(size, channels, border), 'out of rectify')
      kernels.rectify(from, biasAt, shift, channels, width, height, border ? 1 : 0, to)
    },

    narrow(x, shift, channels, size, out) {
      const { width, height } = size
      const to = address(out, gridLength(size, channels, true), 'out of narrow')
      kernels.narrow(address(x, width * height * channels, 'x'), shift, channels, width, height, to)
    },

    conv3x3: (convolution, x, size, mode, out) => convolve('convolve3x3', convolution, x, size, mode, out),

    conv1x1: (convolution, x, positions, mode, out) => convolve('convolve1x1', convolution, x, { width: positions, height: 1 }, mode, out),

    splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma) {
      const r = layer.end - layer.first
      const { scaleBase } = tables(layer)
      const from = address(heads, positions * 2 * r, 'heads')
      const bias = small(scaleBias, r, 'scaleBias', Int32Array)
      kernels.splitHeads(from, bias, scaleBase, limit, r, positions, address(mean, positions * r, 'mean'), address(sigma, positions * r, 'sigma'))
    },

    frequencies(layer, z, positions, out) {
      const { K, rows, rank, priorShift } = layer
      const r = layer.end - layer.first
      const { prior } = tables(layer)
      const from = address(z, positions * r * rank, 'z')
      const to = address(out, positions * r * rows, 'frequencies')
      for (let p = 0; p < positions; p += PIECE) {
        const count = Math.min(PIECE, positions - p)
        kernels.frequencies(prior, from + 2 * p * r * rank, exponentialAt, r, K, rows, rank, priorShift, count, to + 2 * p * r * rows)
      }
    },

    cheapest(layer, heads, target, weights, lambda, limit, { width, height }, out) {
      const { K, leaves, rows, cells, escape } = layer
      const r = layer.end - layer.first
      const { u } = tables(layer)
      const cellCount = width * height * r
      const mean = address(heads.mean, cellCount, 'mean')
      const sigma = address(heads.sigma, cellCount, 'sigma')
      const frequencies = address(heads.frequencies, cellCount * rows, 'frequencies')
      const outLeaves = address(out.leaves, cellCount, 'leaves')
      const outCounts = address(out.counts, cellCount, 'counts')
      const weightsAt = small(weights, r, 'weights', Float64Array)
      const inside = target instanceof Int32Array && memory.holds(target)
      const targetAt = inside ? address(target, cellCount, 'target') : stageAt
      const stage = new Int32Array(memory.memory.buffer, stageAt, stageBytes / 4)
      const most = Math.floor(stage.length / r)
      // Pieces of a row; parity is that of the piece's own positions.
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x += most) {
          const count = Math.min(most, width - x)
          const cell = (y * width + x) * r
          if (!inside) stage.set(target.subarray(cell, cell + count * r))
          kernels.cheapest(
            u, sigmasAt, bitsAt, r, K, leaves, rows, parityAt(cells, x, y), escape ? 1 : 0,
            mean + 4 * cell, sigma + 4 * cell, frequencies + 2 * cell * rows, inside ? targetAt + 4 * cell : stageAt, weightsAt, lambda, limit,
            count, 1, outLeaves + 2 * cell, outCounts + 2 * cell,
          )
        }
      }
    },

    apply(layer, heads, choices, limit, { width, height }, sumStride, sum, features) {
      const { leaves, rows, cells } = layer
      const r = layer.end - layer.first
      const { u } = tables(layer)
      const cellCount = width * height * r
      const mean = address(heads.mean, cellCount, 'mean')
      const sigma = address(heads.sigma, cellCount, 'sigma')
      const leafOf = address(choices.leaves, cellCount, 'leaves')
      const countOf = address(choices.counts, cellCount, 'counts')
      const sumAt = address(sum, (width * height - 1) * sumStride + layer.end, 'sum') + 4 * layer.first
      const featuresAt = address(features, 3 * cellCount, 'features')
      const coarse = limit > FINE_LIMIT
      for (let y = 0; y < height; y++) {
        const p = y * width
        kernels.apply(
          u, sigmasAt, coarse ? logCoarseAt : logFineAt, coarse ? 1 : 0, r, leaves, rows, parityAt(cells, 0, y),
          mean + 4 * p * r, sigma + 4 * p * r, leafOf + 2 * p * r, countOf + 2 * p * r, limit, width, 1,
          sumStride, sumAt + 4 * p * sumStride, featuresAt + 6 * p * r,
        )
      }
    },
  }

  function tables(layer: CellTables): Readonly<{ prior: number; u: number; scaleBase: number }> {
    return known(tablesAt.get(layer), `layer ${layer.first}…${layer.end}`)
  }
}

const gridLength = ({ width, height }: Size, channels: number, border: boolean): number =>
  (border ? (width + 2) * (height + 2) : width * height) * channels

/** Parity of x + y, counted from (x, y), of the positions that choose; −1: all. */
const parityAt = (cells: CellTables['cells'], x: number, y: number): number =>
  cells === 'all' ? -1 : (x + y + (cells === 'odd' ? 1 : 0)) & 1

function known<Part>(part: Part | undefined, name: string): Part {
  if (part !== undefined) return part
  throw new DdncError({ tag: 'BadOption', option: 'part of the model', found: name, allowed: 'those given to createWasmEngine' })
}
