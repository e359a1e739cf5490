/** What the kernels read and never write: tables of the specification and the numbers of one model, in memory. */
import { DdncError } from '../../errors.js'
import { BITS } from '../cells.js'
import type { CellTables, Convolution } from '../engine.js'
import type { EngineParts } from '../loadEngine.js'
import { EXPONENTIAL, LOG_COARSE, LOG_FINE, SIGMA_MANTISSA, SIGMA_SHIFT } from '../tables.js'
import type { Memory } from './memory.js'
import type { Kernels } from './module.js'
import { packConvolution, packedBytes, packTables } from './pack.js'

/** Addresses; see pack.ts for the forms. */
export type Constants = Readonly<{
  /** e(d) in double */
  exponential: number
  /** Mantissa and shift of σ side by side, int32 */
  sigmas: number
  /** −log2(f / 2^15) in double */
  bits: number
  logFine: number
  logCoarse: number
  convolution(convolution: Convolution): Readonly<{ weights: number; constants: number; winograd: boolean }>
  tables(layer: CellTables): Readonly<{ prior: number; u: number; scaleBase: number }>
}>

const exponential = Float64Array.from(EXPONENTIAL)
const sigmas = new Int32Array(2 * SIGMA_MANTISSA.length)
SIGMA_MANTISSA.forEach((mantissa, i) => sigmas.set([mantissa, SIGMA_SHIFT[i]], 2 * i))

/** Copies the tables and all parts of a model into a memory. @throws {DdncError} as packConvolution and packTables */
export function placeConstants(
  { place, reserve, stage }: Memory,
  { packWeights }: Kernels,
  { convolutions, cellTables }: EngineParts,
): Constants {
  const weightsOf = new Map<Convolution, ReturnType<Constants['convolution']>>()
  for (const convolution of convolutions) {
    const { weights, constants, winograd } = packConvolution(convolution)
    const { side, inputs, outputs } = convolution
    const at = reserve(packedBytes(convolution))
    packWeights(stage(weights), weights.BYTES_PER_ELEMENT, side, side * inputs, outputs, at)
    weightsOf.set(convolution, { weights: at, constants: place(constants), winograd })
  }
  const tablesOf = new Map<CellTables, ReturnType<Constants['tables']>>()
  for (const layer of cellTables) {
    const { prior, u, scaleBase } = packTables(layer)
    tablesOf.set(layer, { prior: place(prior), u: place(u), scaleBase: place(scaleBase) })
  }
  return {
    exponential: place(exponential),
    sigmas: place(sigmas),
    bits: place(BITS),
    logFine: place(LOG_FINE),
    logCoarse: place(LOG_COARSE),
    convolution: (convolution) => known(weightsOf.get(convolution), `convolution ${convolution.name}`),
    tables: (layer) => known(tablesOf.get(layer), `layer of coefficients ${layer.first}…${layer.end - 1}`),
  }
}

function known<Part>(part: Part | undefined, found: string): Part {
  if (part !== undefined) return part
  const allowed = 'one that the engine was made with'
  throw new DdncError({ tag: 'BadOption', option: 'part of the model', found, allowed })
}
