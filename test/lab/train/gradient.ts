/** Gradients against finite differences, for the tests of the trainer. */
import { expect } from 'vitest'
import type { Backend, Tensor } from '../../../src/lab/train/backend.js'
import { uniformFrom } from '../../../src/network/uniform.js'

/** Numbers within ±1, none within 0.05 of 0, where some functions have a corner. */
export function numbers(shape: readonly number[], seed: number): Float32Array {
  const uniform = uniformFrom(seed)
  const size = shape.reduce((a, b) => a * b, 1)
  return Float32Array.from({ length: size }, () => {
    const x = 2 * uniform() - 1
    return x + Math.sign(x) * 0.05
  })
}

/**
 * Differentiates a random combination of what f gives by every number of every input, both ways.
 * @param step of the differences
 */
export function expectGradients(
  { tf }: Backend,
  f: (...inputs: Tensor[]) => Tensor,
  shapes: readonly (readonly number[])[],
  step = 0.01,
  tolerance = 2e-3,
): void {
  const inputs = shapes.map((shape, i) => numbers(shape, 10 + i))
  const tensors = (values: readonly Float32Array[]): Tensor[] =>
    values.map((data, i) => tf.tensor(data, [...shapes[i]]))
  tf.tidy(() => {
    const mix = numbers(f(...tensors(inputs)).shape, 99)
    // Added up in doubles: what is lost in float32 is lost in f alone.
    const combined = (values: readonly Float32Array[]): number =>
      f(...tensors(values))
        .dataSync<'float32'>()
        .reduce((sum, y, i) => sum + y * mix[i], 0)
    const gradients = tf.grads((...x) => {
      const y = f(...x)
      return tf.sum(tf.mul(y, tf.tensor(mix, y.shape)))
    })(tensors(inputs))
    inputs.forEach((input, i) => {
      const ours = gradients[i].dataSync<'float32'>()
      expect(gradients[i].shape).toEqual([...shapes[i]])
      input.forEach((x, j) => {
        const moved = (by: number): number =>
          combined(inputs.map((values, k) => (k === i ? values.with(j, x + by) : values)))
        const slope = (moved(step) - moved(-step)) / (2 * step)
        expect(Math.abs(ours[j] - slope), `input ${i}, number ${j}: ${ours[j]} and ${slope}`).toBeLessThan(
          tolerance * Math.max(1, Math.abs(slope)),
        )
      })
    })
  })
}
