import { describe, test } from 'vitest'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { expectGradients } from './gradient.js'

const backend = await loadBackend('cpu')
const { tf } = backend

describe('registered gradients are those of finite differences', () => {
  const cases: [string, (...inputs: Tensor[]) => Tensor, number[][]][] = [
    ['add', (a, b) => tf.add(a, b), [[2, 3], [2, 3]]],
    ['add, one repeated', (a, b) => tf.add(a, b), [[2, 3, 4], [3, 1]]],
    ['sub, one repeated', (a, b) => tf.sub(a, b), [[3], [2, 3]]],
    ['multiply, both repeated', (a, b) => tf.mul(a, b), [[2, 1], [1, 3]]],
    ['reshape', (x) => tf.reshape(x, [6]), [[2, 3]]],
    ['transpose', (x) => tf.transpose(x, [2, 0, 1]), [[2, 3, 4]]],
    ['transpose of a matrix', (x) => tf.transpose(x), [[2, 3]]],
    ['slice', (x) => tf.slice(x, [0, 1], [2, 2]), [[2, 4]]],
    ['pad', (x) => tf.pad(x, [[0, 1], [2, 0]]), [[2, 3]]],
    ['sum of all', (x) => tf.sum(x), [[2, 3]]],
    ['sum over one axis', (x) => tf.sum(x, 1), [[2, 3, 2]]],
    ['sum over the last', (x) => tf.sum(x, -1), [[2, 3]]],
    ['relu', (x) => tf.relu(x), [[7]]],
    ['split', (x) => { const [a, b] = tf.split(x, 2, 1); return tf.sub(a, tf.mul(b, 2)) }, [[2, 4]]],
    ['concat', (a, b) => tf.concat([a, b], 1), [[2, 3], [2, 1]]],
  ] // prettier-ignore
  test.each(cases)('%s', (_, f, shapes) => expectGradients(backend, f, shapes))
})
