import { expect, test } from 'vitest'
import { floatEngine } from '../../../../src/lab/quantise/floatEngine.js'
import { loadBackend, type Tensor } from '../../../../src/lab/train/backend.js'
import { operations } from '../../../../src/lab/train/operations.js'
import { deepened, doubled, flattened, shrunk } from '../../../../src/lab/train/whole/scales.js'
import { fold } from '../../../../src/network/fold.js'
import { averaged, doubled as codecs } from '../../../../src/network/wholePicture.js'
import { expectGradients, numbers } from '../gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend
const ops = operations(backend)

test('2×2 positions become one in the codec’s order, and the other way', () => {
  const values = numbers([4, 6, 3], 1)
  const ours = deepened(ops, tf.tensor4d(values, [1, 4, 6, 3]))
  const theirs = new Float32Array(values.length)
  fold(values, 3, { width: 3, height: 2 }, theirs, 2)
  expect(ours.shape).toEqual([1, 2, 3, 12])
  expect([...ours.dataSync()]).toEqual([...theirs])
  expect([...flattened(ops, ours).dataSync()]).toEqual([...values])
})

test.each([1, 3] as const)('pictures of %i components grow and shrink as the codec’s', (components) => {
  const size = { width: 4, height: 2 }
  const values = numbers([2, 4, components], 2)
  const pictures = tf.tensor4d([...values, ...values.map((v) => -v)], [2, 2, 4, components])
  const planes = shrunk(ops, pictures, 1)
  expect(planes.shape).toEqual([2, components, 2, 4])
  /** Back to the codec's order. */
  const interleaved = (x: Tensor): Float32Array => tf.transpose(x, [0, 2, 3, 1]).dataSync<'float32'>()
  expect([...interleaved(planes)]).toEqual([...pictures.dataSync()])
  const ours = interleaved(doubled(ops, planes))
  const theirs = codecs(floatEngine, values, size, components)
  theirs.forEach((y, i) => {
    expect(ours[i]).toBeCloseTo(y, 6)
    expect(ours[theirs.length + i]).toBeCloseTo(-y, 6)
  })
  const half = interleaved(shrunk(ops, pictures, 2))
  averaged(floatEngine, values, size, components, 2).forEach((y, i) => expect(half[i]).toBeCloseTo(y, 6))
})

test('gradients', () => {
  expectGradients(backend, (x) => doubled(ops, x), [[2, 2, 2, 3]])
  expectGradients(backend, (x) => flattened(ops, x), [[2, 1, 2, 8]])
  expectGradients(backend, (x) => deepened(ops, x), [[2, 2, 4, 2]])
})
