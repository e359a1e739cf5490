/**
 * One discrete distribution layer, differentiable (prototype/photo: Layer.forward). Cells are [r, positions]:
 * coefficients of the band, then the positions of all pictures of the batch.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import { TRUNK_MAX } from '../../engine/limits.js'
import type { LayerStructure } from '../../network/structure.js'
import {
  cheapest,
  halfPass,
  pathBits,
  perPosition,
  tableIndex,
  tableRows,
  type Predicted,
  type Rates,
} from './choices.js'
import type { Operations } from './operations.js'

/** Gives a parameter by its name (parameters.ts). */
export type Weights = (name: string) => Tensor

export type Heads = Predicted &
  Readonly<{
    /** [batch, height, width, channels], after the feedback. */
    h: Tensor
  }>

export type Chosen = Readonly<{
  /** [batch, height, width, r]: what the choices add to the sum. */
  value: Tensor
  /** [batch] */
  bits: Tensor
  /** int32 [r, positions]: leaves, of cells outside the layer's half-pass too. */
  path: Tensor
  /** [batch]: squared error of the inner nodes passed; null where n = 1. */
  inner: Tensor | null
  heads: Heads
}>

/** h ← saturate(h + output(ReLU(hidden(ReLU(h + shift))))) */
export function residualBlock(
  operations: Operations,
  weights: Weights,
  name: string,
  h: Tensor,
  shift?: Tensor,
): Tensor {
  const { tf, convolve } = operations
  const input = tf.relu(shift ? tf.add(h, shift) : h)
  const hidden = tf.relu(convolve(input, weights(`${name}.a.weight`), weights(`${name}.a.bias`)))
  return saturate(operations, tf.add(h, pointwise(operations, weights, `${name}.b`, hidden)))
}

/** The trunk's clamp. */
export const saturate = ({ tf }: Operations, h: Tensor): Tensor => tf.clipByValue(h, -TRUNK_MAX / 256, TRUNK_MAX / 256)

/** A 1×1 convolution of a grid. */
export function pointwise({ tf, linear }: Operations, weights: Weights, name: string, x: Tensor): Tensor {
  const inputs = x.shape[x.shape.length - 1]!
  const y = linear(tf.reshape(x, [x.size / inputs, inputs]), weights(`${name}.weight`), weights(`${name}.bias`))
  return tf.reshape(y, [...x.shape.slice(0, -1), y.shape[1]!])
}

/**
 * Runs a layer. Its guide is rate-distortion, argmin of D + λ·bits over all leaves, which has no gradient; the chosen
 * candidate and its bits do.
 * @param h [batch, height, width, channels]
 * @param target [batch, height, width, r]: what is left of the band
 * @param limit clamp of values, in grey levels
 * @param path replayed instead of chosen, as `Chosen.path`
 * @param balance of its candidates, as `cheapest`
 */
export function runLayer(
  operations: Operations,
  weights: Weights,
  name: string,
  layer: LayerStructure,
  {
    h,
    target,
    rates,
    limit,
    path,
    balance,
  }: {
    h: Tensor
    target: Tensor
    rates: Rates
    limit: number
    path?: Tensor | undefined
    balance?: Tensor | undefined
  },
): Chosen {
  const { tf, linear, detached, take, logFeature, magnitude } = operations
  const of = (suffix: string): Tensor => weights(`${name}.${suffix}`)
  const [batch, height, width, channels] = h.shape
  const r = layer.end - layer.first
  const perPicture = (cells: Tensor): Tensor => tf.sum(tf.reshape(tf.sum(cells, 0), [batch, height * width]), 1)

  const shifts = tf.reshape(linear(rates.inputs, of('rate.weight'), of('rate.bias')), [batch, 1, 1, 2 * channels])
  const shift = (half: 0 | 1): Tensor => tf.slice(shifts, [0, 0, 0, half * channels], [batch, 1, 1, channels])
  const grown = residualBlock(operations, weights, `${name}.block`, h, shift(0))
  const { mean, sigma, logits } = headsOf(operations, of, layer, tf.relu(tf.add(grown, shift(1))), rates)

  const wanted = tf.transpose(tf.reshape(target, [batch * height * width, r]))
  const predicted = { mean, sigma, logits }
  const leaf = path ?? detached(() => cheapest(operations, layer, predicted, of('nodes'), wanted, rates, balance))
  const nodes = tf.reshape(of('nodes'), [r * tableRows(layer.K, layer.n)])
  /** u of the node of that depth that the path passes. */
  const nodeAt = (depth: number): Tensor =>
    tf.reshape(take(nodes, tableIndex(operations, layer, leaf, depth)), mean.shape)
  const candidateAt = (depth: number): Tensor => tf.add(mean, tf.mul(sigma, nodeAt(depth)))

  let inner: Tensor | null = null
  for (let depth = 1; depth < layer.n; depth++) {
    const error = perPicture(tf.square(tf.sub(candidateAt(depth), wanted)))
    inner = inner ? tf.add(inner, error) : error
  }
  // A cell outside the half-pass adds nothing, costs nothing and feeds back nothing.
  const here = halfPass(operations, layer, batch, height, width)
  const masked = (cells: Tensor): Tensor => (here ? tf.mul(cells, here) : cells)
  const onGrid = (cells: Tensor): Tensor => tf.reshape(tf.transpose(cells), [batch, height, width, r])
  const value = onGrid(masked(tf.clipByValue(candidateAt(layer.n), -limit, limit)))
  const u = onGrid(masked(nodeAt(layer.n)))
  const features = tf.reshape(tf.concat([logFeature(value), u, magnitude(u)], 3), [batch * height * width, 3 * r])
  const fedBack = tf.reshape(linear(features, of('feedback.weight')), h.shape)
  return {
    value,
    bits: perPicture(masked(pathBits(operations, layer, logits, leaf))),
    path: leaf,
    inner,
    heads: { h: saturate(operations, tf.add(grown, fedBack)), mean, sigma, logits },
  }
}

/** @param a the heads' input, [batch, height, width, channels] */
function headsOf(operations: Operations, of: Weights, layer: LayerStructure, a: Tensor, rates: Rates): Predicted {
  const { tf, linear, product } = operations
  const [batch, height, width, channels] = a.shape
  const positions = batch * height * width
  const r = layer.end - layer.first
  const input = tf.reshape(a, [positions, channels])
  const prior = (): Tensor => {
    const z = tf.reshape(linear(input, of('z.weight'), of('z.bias')), [positions, r, layer.rank])
    const table = tf.transpose(of('table'), [0, 2, 1])
    return tf.add(product(tf.transpose(z, [1, 0, 2]), table), tf.reshape(of('bias'), [r, 1, -1]))
  }

  const heads = tf.transpose(linear(input, of('mean_scale.weight'), of('mean_scale.bias')))
  const scale = tf.reshape(of('scale'), [r, 1])
  const fromLambda = tf.mul(
    tf.reshape(of('power'), [r, 1]),
    perPosition(operations, tf.slice(rates.inputs, [0, 0], [batch, 1]), height * width),
  )
  const logSigma = tf.clipByValue(tf.add(tf.slice(heads, [r, 0], [r, positions]), fromLambda), -6, 5)
  return {
    mean: tf.mul(tf.slice(heads, [0, 0], [r, positions]), scale),
    sigma: tf.mul(scale, tf.exp(logSigma)),
    logits: rates.isPlain ? null : prior(),
  }
}
