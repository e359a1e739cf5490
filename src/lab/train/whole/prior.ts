/**
 * The prior of whole-image choices: K logits of every layer from the mean of its features over the picture, rank numbers
 * in between. Its cross entropy is all that trains it, and it must not move the network: features come without a
 * gradient. All layers of a stage are one operation, because each alone has next to nothing to compute.
 */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Operations } from '../operations.js'
import { oneHot } from '../paths.js'
import type { Whole } from './parameters.js'

/** Of every choice: means of features over positions, [batch, channels], and what was chosen, int32 [batch]. */
export type Chosen = Readonly<{ pooled: readonly Tensor[]; taken: readonly Tensor[] }>

/**
 * Bits of all choices of a walk by the prior, −log2 p: [choices, batch].
 * @param weights by name, as they are trained
 */
export function priorBits(
  ops: Operations,
  { stages }: Pick<Whole, 'stages'>,
  weights: ReadonlyMap<string, Tensor>,
  { pooled, taken }: Chosen,
): Tensor {
  const { tf } = ops
  let first = 0
  const bits = stages.map(({ steps, layers }, j) => {
    const own = <Item>(all: readonly Item[]): Item[] => all.slice(first, first + steps)
    const [batch, channels] = pooled[first].shape as [number, number]
    // The choices of a recurrent layer are all its.
    const cells = (steps / layers.length) * batch
    const of = (name: string): Tensor => weights.get(`stage.${j}.layers.${name}`)!
    const table = { weight: of('z.weight'), bias: of('z.bias'), table: of('priorTable'), rows: of('priorBias') }
    const features = tf.reshape(tf.concat(own(pooled), 0), [layers.length, cells, channels])
    const leaf = tf.reshape(tf.concat(own(taken), 0), [layers.length, cells])
    first += steps
    return tf.reshape(crossEntropy(ops, table, features, leaf), [steps, batch])
  })
  return bits.length === 1 ? bits[0] : tf.concat(bits, 0)
}

/** Weights of r layers: z [r, rank, channels], its bias [r, rank], the table [r, K, rank] and its rows' bias [r, K]. */
type Tables = Readonly<Record<'weight' | 'bias' | 'table' | 'rows', Tensor>>

/**
 * −log2 of the softmax of the logits, [r, cells].
 * @param features [r, cells, channels]
 * @param leaf int32 [r, cells]
 */
export function crossEntropy(ops: Operations, tables: Tables, features: Tensor, leaf: Tensor): Tensor {
  const { tf, operation, product } = ops
  return operation([tables.weight, tables.bias, tables.table, tables.rows], ([weight, bias, table, rows]) => {
    const [r, K] = rows.shape as [number, number]
    const z = tf.add(product(weight, features, false, true), tf.reshape(bias, [...bias.shape, 1]))
    const logits = tf.add(tf.matMul(table, z), tf.reshape(rows, [r, K, 1]))
    const powers = tf.exp(tf.sub(logits, tf.max(logits, 1, true)))
    const shares = tf.div(powers, tf.sum(powers, 1, true))
    const taken = oneHot(ops, leaf, K, 1, 1)
    return {
      value: tf.mul(tf.log(tf.sum(tf.mul(shares, taken), 1)), -1 / Math.LN2),
      saved: [features, table, z, shares, taken],
      gradient: (dy, [features, table, z, shares, taken]) => {
        const slope = tf.reshape(tf.mul(dy, 1 / Math.LN2), [r, 1, leaf.shape[1]!])
        const dLogits = tf.mul(tf.sub(shares, taken), slope)
        const dZ = product(table, dLogits, true)
        return [tf.matMul(dZ, features), tf.sum(dZ, 2), product(dLogits, z, false, true), tf.sum(dLogits, 2)]
      },
    }
  })
}
