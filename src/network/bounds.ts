/**
 * Proofs that no sum of the walk leaves 32 bits (SPEC 4.5, 5.6), made when a model is exported and again when it is
 * loaded.
 */
import type { CellTables, Convolution, Quadratic } from '../engine/engine.js'
import { ACTIVATION_MAX, MAX_LAMBDA_STEP } from '../engine/limits.js'
import { DdncError } from '../errors.js'
import { convolutionsOf } from './assemble.js'
import type { Grid, Layer, Model } from './model.js'

/** 3×3 of int8: an integer Winograd kernel forms 4y, so y < 2^29, and its weights need |w| ≤ 127. */
const SUM_WINOGRAD = 2 ** 29
/** The others: below 2^31 whatever the order of summation; 2^16 less where the trunk is added. */
const SUM = 2 ** 31
const TRUNK_ROOM = 2 ** 16
/** λ biases are added to int16 values in 32 bits. */
const LAMBDA_BIAS = 2 ** 20

const fail = (where: string, found: number, limit: number): never => {
  throw new DdncError({
    tag: 'Corrupt',
    where: `the model's ${where}`,
    found: `up to ${found}`,
    allowed: `below ${limit}`,
  })
}

/**
 * Proves every bound of SPEC 4.5, and the orders of 4.4.
 * @throws {DdncError} Corrupt, naming the tensor whose bound fails
 * @example proveBounds(assembleModel(structure, pull, hash))
 */
export function proveBounds(model: Model): void {
  for (const { convolution, input, accumulates } of convolutionsOf(model)) {
    proveConvolution(convolution, input, accumulates)
  }
  if (model.kind === 'whole') {
    for (const { layers } of model.stages) for (const { name, cell } of layers) provePrior(name, cell)
    return
  }
  for (const grid of [model.coarse, model.fine]) {
    proveOrder(grid)
    proveQuadratic(grid.start)
    for (const layer of grid.layers) proveLayer(layer)
  }
  if (model.cleanUp?.block.lambda) proveQuadratic(model.cleanUp.block.lambda)
}

/**
 * Largest |sum + bias + half| that any input within its clip can give.
 * @param o output
 */
export function largestSum(
  { side, inputs, weights, bias, shift }: Convolution,
  input: 'rectified' | 'signed',
  o: number,
): number {
  const taps = side * side * inputs
  let sum = 0
  let absolute = 0
  for (let i = o * taps; i < (o + 1) * taps; i++) {
    const w = weights[i]
    sum += w
    absolute += Math.abs(w)
  }
  // A rectified input makes no sum above Σw⁺ or below −Σ|w⁻|, of which (Σ|w| + |Σw|) / 2 is the larger; a signed input
  // may take both.
  const most = input === 'rectified' ? (absolute + Math.abs(sum)) / 2 : absolute
  return ACTIVATION_MAX * most + Math.abs(bias[o]) + (shift[o] > 0 ? 2 ** (shift[o] - 1) : 0)
}

function proveConvolution(convolution: Convolution, input: 'rectified' | 'signed', accumulates: boolean): void {
  const { name, side, outputs, weights, bias, shift } = convolution
  const winograd = side === 3 && weights instanceof Int8Array
  const limit = winograd ? SUM_WINOGRAD : SUM - (accumulates ? TRUNK_ROOM : 0)
  // One kind of array for all convolutions: loading is start-up time, and this loop sees every weight.
  const alike = {
    ...convolution,
    weights: weights instanceof Int16Array ? weights : new Int16Array(weights), // int8 as int16
    bias: new Int32Array(bias),
    shift: new Int32Array(shift),
  }
  for (let o = 0; o < outputs; o++) {
    if (shift[o] > 30) fail(`${name}.shift`, shift[o], 31)
    const sum = largestSum(alike, input, o)
    if (sum >= limit) fail(`${name}, output ${o}: sum`, sum, limit)
  }
  if (winograd && weights.includes(-128)) fail(`${name}.weights`, 128, 128)
}

function proveOrder({ name, order }: Grid): void {
  const seen = new Set(order)
  if (seen.size !== order.length) fail(`${name}.order: equal ids`, order.length - seen.size, 1)
  for (const id of order) {
    if (id > 191) fail(`${name}.order`, id, 192)
    if (name === 'fine' && id % 64 === 0) fail(`${name}.order: DC of a plane`, id, 0)
  }
}

function proveLayer(layer: Layer): void {
  const { name, scaleBase } = layer
  for (const quadratic of [layer.block.lambda, layer.headLambda, layer.scaleLambda])
    if (quadratic) proveQuadratic(quadratic)
  provePrior(name, layer)
  for (const base of scaleBase) if (Math.abs(base) > 4800) fail(`${name}.scaleBase`, Math.abs(base), 4801)
  // ln σ + λ bias is added in 32 bits: |y| < 2^30 leaves room.
  for (let o = 0; o < layer.meanScale.outputs; o++) {
    const y = largestSum(layer.meanScale, 'rectified', o) / 2 ** layer.meanScale.shift[o]
    if (y >= 2 ** 30) fail(`${layer.meanScale.name}, output ${o}`, y, 2 ** 30)
  }
}

/** A model without a prior has no rows. */
function provePrior(name: string, { rank, priorTable, priorBias, priorShift }: CellTables): void {
  for (let row = 0; row < priorBias.length; row++) {
    let sum = 0
    for (let j = 0; j < rank; j++) sum += Math.abs(priorTable[row * rank + j])
    const logit = ACTIVATION_MAX * sum + Math.abs(priorBias[row]) + 2 ** (priorShift - 1)
    if (logit >= SUM) fail(`${name}.priorTable, row ${row}: sum`, logit, SUM)
  }
}

/**
 * A quadratic is largest at an end of its range or at its vertex; every step is tried, which is simpler, unless no step
 * can reach the bound: |t| ≤ 40.
 */
function proveQuadratic({ name, channels, coefficients }: Quadratic): void {
  for (let c = 0; c < channels; c++) {
    const [a, b, d] = [coefficients[c], coefficients[channels + c], coefficients[2 * channels + c]]
    if (Math.abs(a) + 40 * Math.abs(b) + 1600 * Math.abs(d) <= 65536 * LAMBDA_BIAS) continue
    for (let s = 0; s <= MAX_LAMBDA_STEP; s++) {
      const t = s - 40
      const bias = Math.abs(a + b * t + d * t * t) / 65536
      if (bias > LAMBDA_BIAS) fail(`${name}, channel ${c}`, bias, LAMBDA_BIAS)
    }
  }
}
