/** Speed of training's arithmetic on a backend: one residual block of the photo model, forward and gradient. */
import { runsPerSecond } from '../speed.js'
import type { BackendName, Tensor } from './backend.js'
import { residualBlock } from './blocks.js'
import type { Operations } from './operations.js'

/** As in a step of `photo`: two crops of 192×192 pixels are 2×24×24 positions. Plain JavaScript would take seconds. */
const shapeOn = (name: BackendName) => (name === 'cpu' ? ([1, 8, 8, 128] as const) : ([2, 24, 24, 128] as const))
const HIDDEN = 64

/**
 * 10^9 floating-point operations a second of the block's convolutions, 3×3 and 1×1. The gradient is by the input and by
 * all weights: twice the operations of the forward pass.
 * @example await trainingSpeed(operations(await loadBackend('wasm'))) // 10
 */
export async function trainingSpeed(operations: Operations): Promise<number> {
  const { tf, backend } = operations
  const shape = shapeOn(backend.name)
  const [batch, height, width, channels] = shape
  const shapes: Readonly<Record<string, number[]>> = {
    'a.weight': [HIDDEN, channels, 3, 3],
    'a.bias': [HIDDEN],
    'b.weight': [channels, HIDDEN, 1, 1],
    'b.bias': [channels],
  }
  const names = Object.keys(shapes)
  const inputs = [[...shape], ...Object.values(shapes)].map((shape, i) => tf.randomNormal(shape, 0, 0.1, 'float32', i))
  const noShift = tf.zeros([batch, 1, 1, channels])
  const gradients = tf.grads((h: Tensor, ...weights: Tensor[]) =>
    tf.sum(
      residualBlock(operations, (name) => weights[names.indexOf(name.replace('block.', ''))], 'block', h, noShift),
    ),
  )
  let last: Tensor | null = null
  const step = (): void => {
    last?.dispose()
    last = tf.tidy(() => tf.sum(gradients(inputs)[0]))
  }
  const runs = await runsPerSecond(step, () => last!.data())
  for (const tensor of [...inputs, noShift, last]) tensor?.dispose()
  const multiplications = batch * height * width * channels * HIDDEN * (9 + 1)
  return (runs * 3 * 2 * multiplications) / 1e9
}
