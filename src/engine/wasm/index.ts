/**
 * The fast engine: WebAssembly SIMD kernels (assembly/), equal to `reference.ts` bit for bit. Here stands what
 * JavaScript does for them: addresses of arrays and pieces of work.
 *
 * V8 replaces first-tier code only when a function is called anew, so long work is handed over in pieces.
 */
import { DdncError } from '../../errors.js'
import type { CellTables, Engine, Heads, Numbers, OutputMode, Size } from '../engine.js'
import { FINE_LIMIT } from '../limits.js'
import type { EngineParts } from '../loadEngine.js'
import { reference } from '../reference.js'
import { placeConstants } from './constants.js'
import { createMemory } from './memory.js'
import { instantiate } from './module.js'

/** As in assembly/convolve.ts */
const MODES: Readonly<Record<OutputMode, number>> = { activation: 0, signed: 1, wide: 2, accumulate: 3 }
/** Positions whose prior is made by one call. */
const PIECE = 64
/** Positions below which a Winograd convolution costs more for its weights than it saves. */
const FEW = 48
/** Bytes of a target from outside that one call sees. */
const STAGE = 65536
/** Channels that a bias or the error's weights may have, at least. */
const SMALL = 1024

/**
 * An engine with its own memory, which holds the constants of one model.
 * Kernels take arrays of the latest `workspace`; biases, the target and what errors are weighed with may lie anywhere.
 * @param parts every convolution and layer that will be run
 * @throws {DdncError} LimitExceeded if there is not enough memory; Corrupt if a number does not fit in its form.
 *   Kernels: BadOption if an array is from elsewhere or too short, or a convolution or layer was not among `parts`
 * @example const engine = await createWasmEngine({ convolutions: [layer.z], cellTables: [layer] })
 */
export async function createWasmEngine(parts: EngineParts): Promise<Engine> {
  const widest = Math.max(
    SMALL,
    ...parts.convolutions.map(({ inputs, outputs }) => Math.max(inputs, outputs)),
    ...parts.cellTables.map(({ first, end }) => end - first),
  )
  const stageBytes = Math.max(STAGE, 4 * widest)
  const wasmMemory = new WebAssembly.Memory({ initial: 16 })
  const kernels = await instantiate(wasmMemory)
  // The guard: a tile of a convolution reads at most three positions and a step beyond its array.
  const memory = createMemory(wasmMemory, kernels.freeFrom(), 65536 + 8 * widest)
  const { address } = memory
  const constants = placeConstants(memory, kernels, parts)
  const smallAt = memory.place(new Float64Array(widest))
  const zerosAt = memory.place(new Int32Array(widest))
  const stageAt = memory.place(new Uint8Array(stageBytes))
  // A double for each of as many positions as one call sees.
  const importanceAt = memory.place(new Uint8Array(2 * stageBytes))
  const scratchAt = memory.reserve(
    Math.max(
      0,
      ...parts.convolutions
        .filter((convolution) => constants.convolution(convolution).winograd)
        .map(({ inputs, outputs }) => kernels.winogradScratch(inputs, outputs)),
    ),
  )

  /** A small array from anywhere as int32 or double; its address holds until the next call. */
  function small(array: Numbers, length: number, what: string, Type: typeof Int32Array | typeof Float64Array): number {
    if (array instanceof Type && memory.holds(array)) return address(array, length, what, Type.BYTES_PER_ELEMENT)
    if (array.length < length || length > widest) throw badLength(what, array.length, `${length}, at most ${widest}`)
    new Type(wasmMemory.buffer, smallAt, length).set(array.subarray(0, length))
    return smallAt
  }

  /** Addresses of a layer's heads. */
  function headsAt(layer: CellTables, heads: Heads, cells: number): Readonly<Record<keyof Heads, number>> {
    return {
      mean: address(heads.mean, cells, 'mean', 4),
      sigma: address(heads.sigma, cells, 'sigma', 4),
      frequencies: address(heads.frequencies, cells * layer.rows, 'frequencies'),
    }
  }

  return {
    name: 'wasm',
    round: reference.round,
    narrowed: reference.narrowed,
    allocate: reference.allocate,
    lambdaBias: reference.lambdaBias,
    candidateValue: reference.candidateValue,
    nearestCount: reference.nearestCount,
    conv1x1Outputs: reference.conv1x1Outputs,
    workspace: memory.workspace,

    rectify(h, bias, shift, channels, size, border, out) {
      const { width, height } = size
      if (channels > widest) throw badLength('channels of rectify', channels, `at most ${widest}`)
      const biasAt = bias ? small(bias, channels, 'bias', Int32Array) : zerosAt
      const from = address(h, width * height * channels, 'h')
      const to = address(out, border ? bordered(size) * channels : width * height * channels, 'out of rectify')
      kernels.rectify(from, biasAt, shift, channels, width, height, border ? 1 : 0, to)
    },

    narrow(x, shift, channels, size, out) {
      const { width, height } = size
      const to = address(out, bordered(size) * channels, 'out of narrow')
      kernels.narrow(address(x, width * height * channels, 'x'), shift, channels, width, height, to)
    },

    conv3x3(convolution, x, size, mode, out) {
      const { name, inputs, outputs } = convolution
      const { width, height } = size
      const from = constants.convolution(convolution)
      const xAt = address(x, bordered(size) * inputs, `input of ${name}`)
      const to = address(out, width * height * outputs, `output of ${name}`, mode === 'wide' ? 4 : 2)
      const code = MODES[mode]
      if (from.winograd && width * height >= FEW) {
        kernels.winograd3x3(xAt, from.weights, from.constants, to, width, height, inputs, outputs, code, scratchAt)
      } else kernels.convolve3x3(xAt, from.weights, from.constants, to, width, height, inputs, outputs, code)
    },

    conv1x1(convolution, x, positions, mode, out) {
      const { name, inputs, outputs } = convolution
      const from = constants.convolution(convolution)
      const xAt = address(x, positions * inputs, `input of ${name}`)
      const to = address(out, positions * outputs, `output of ${name}`, mode === 'wide' ? 4 : 2)
      kernels.convolve1x1(xAt, from.weights, from.constants, to, positions, inputs, outputs, MODES[mode])
    },

    splitHeads(layer, heads, scaleBias, limit, positions, mean, sigma) {
      const r = layer.end - layer.first
      const { scaleBase } = constants.tables(layer)
      const from = address(heads, positions * 2 * r, 'heads', 4)
      const meanAt = address(mean, positions * r, 'mean', 4)
      const sigmaAt = address(sigma, positions * r, 'sigma', 4)
      const bias = small(scaleBias, r, 'scaleBias', Int32Array)
      kernels.splitHeads(from, bias, scaleBase, limit, r, positions, meanAt, sigmaAt)
    },

    frequencies(layer, z, positions, out) {
      const { K, rows, rank, priorShift } = layer
      const r = layer.end - layer.first
      const { prior } = constants.tables(layer)
      const zAt = address(z, positions * r * rank, 'z')
      const to = address(out, positions * r * rows, 'frequencies')
      for (let p = 0; p < positions; p += PIECE) {
        const from = zAt + 2 * p * r * rank
        const count = Math.min(PIECE, positions - p)
        const e = constants.exponential
        kernels.frequencies(prior, from, e, r, K, rows, rank, priorShift, count, to + 2 * p * r * rows)
      }
    },

    cheapest(layer, heads, target, weights, importance, lambda, limit, { width, height }, out) {
      const { K, leaves, rows, escape } = layer
      const r = layer.end - layer.first
      const { u } = constants.tables(layer)
      const cells = width * height * r
      const { mean, sigma, frequencies } = headsAt(layer, heads, cells)
      const leafOf = address(out.leaves, cells, 'leaves')
      const countOf = address(out.counts, cells, 'counts')
      const weightsAt = small(weights, r, 'weights', Float64Array)
      const inside = target instanceof Int32Array && memory.holds(target)
      if (target.length < cells) throw badLength('target', target.length, `${cells} or more`)
      if (importance && importance.length < width * height)
        throw badLength('importance', importance.length, `${width * height} or more`)
      const stage = new Int32Array(wasmMemory.buffer, stageAt, stageBytes / 4)
      const most = Math.floor(stage.length / r)
      const own = new Float64Array(wasmMemory.buffer, importanceAt, stage.length)
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x += most) {
          const count = Math.min(most, width - x)
          const cell = (y * width + x) * r
          if (!inside) stage.set(target.subarray(cell, cell + count * r))
          const position = y * width + x
          if (importance) own.set(importance.subarray(position, position + count))
          kernels.cheapest(
            u,
            constants.sigmas,
            constants.bits,
            r,
            K,
            leaves,
            rows,
            parityAt(layer, x, y),
            escape ? 1 : 0,
            mean + 4 * cell,
            sigma + 4 * cell,
            frequencies + 2 * cell * rows,
            inside ? target.byteOffset + 4 * cell : stageAt,
            weightsAt,
            importance ? importanceAt : 0,
            lambda,
            limit,
            count,
            1,
            leafOf + 2 * cell,
            countOf + 2 * cell,
          )
        }
      }
    },

    apply(layer, heads, choices, limit, { width, height }, sumStride, sum, features) {
      const { leaves, rows } = layer
      const r = layer.end - layer.first
      const { u } = constants.tables(layer)
      const cells = width * height * r
      const { mean, sigma } = headsAt(layer, heads, cells)
      const leafOf = address(choices.leaves, cells, 'leaves')
      const countOf = address(choices.counts, cells, 'counts')
      const sumAt = address(sum, (width * height - 1) * sumStride + layer.end, 'sum', 4) + 4 * layer.first
      const featuresAt = address(features, 3 * cells, 'features')
      const coarse = limit > FINE_LIMIT
      const logs = coarse ? constants.logCoarse : constants.logFine
      for (let y = 0; y < height; y++) {
        const p = y * width
        kernels.apply(
          u,
          constants.sigmas,
          logs,
          coarse ? 1 : 0,
          r,
          leaves,
          rows,
          parityAt(layer, 0, y),
          mean + 4 * p * r,
          sigma + 4 * p * r,
          leafOf + 2 * p * r,
          countOf + 2 * p * r,
          limit,
          width,
          1,
          sumStride,
          sumAt + 4 * p * sumStride,
          featuresAt + 6 * p * r,
        )
      }
    },
  }
}

const bordered = ({ width, height }: Size): number => (width + 2) * (height + 2)

/** Parity of x + y, counted from (x, y), of the positions that choose; −1: all. */
const parityAt = ({ cells }: CellTables, x: number, y: number): number =>
  cells === 'all' ? -1 : (x + y + (cells === 'odd' ? 1 : 0)) & 1

const badLength = (what: string, found: number, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option: `length of ${what}`, found: String(found), allowed })
