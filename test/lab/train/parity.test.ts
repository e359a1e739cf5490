/** The differentiable network against the PyTorch reference's traced crop (shared/prototype/photo), on the fastest backend. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readPrototype } from '../../../src/lab/quantise/prototype.js'
import { loadBackend, type Backend, type Tensor } from '../../../src/lab/train/backend.js'
import { lossOf, objective } from '../../../src/lab/train/loss.js'
import { forward, type Forward } from '../../../src/lab/train/network.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { parametersOf } from '../../../src/lab/train/parameters.js'
import { frequencyOrder } from '../../../src/lab/train/start.js'
import { readSafetensors, type Tensor as Stored } from '../../../src/network/safetensors.js'
import type { CellGridStructure } from '../../../src/network/structure.js'

const folder = process.env['DDNC_PROTOTYPE'] ?? join(import.meta.dirname, '../../../../shared/prototype/photo')
const here = existsSync(join(folder, 'parity.safetensors'))
if (!here) console.warn(`parity of training: no prototype at ${folder}; set DDNC_PROTOTYPE to its folder`)

describe.runIf(here)('parity of training with the prototype', () => {
  let parity: ReadonlyMap<string, Stored>
  let structure: CellGridStructure
  let backend: Backend
  let ops: Operations
  let weights: Map<string, Tensor>
  let rgb: Tensor
  beforeAll(async () => {
    backend = await loadBackend()
    ops = operations(backend)
    const { tf } = ops
    parity = readSafetensors(readFileSync(join(folder, 'parity.safetensors'))).tensors
    const bytes = readFileSync(join(folder, 'photo.safetensors'))
    const { tensors } = readSafetensors(bytes)
    structure = readPrototype(bytes, 'photo-1', false).structure
    weights = new Map(
      parametersOf(structure).map(({ name, shape, trained }) => {
        const tensor = tf.tensor(Float32Array.from(tensors.get(name)!.data), [...shape])
        return [name, trained ? tf.variable(tensor, true, name) : tensor]
      }),
    )
    const planes = tf.tensor(Float32Array.from(parity.get('rgb')!.data), [3, 128, 128])
    rgb = tf.reshape(tf.transpose(planes, [1, 2, 0]), [1, 128, 128, 3])
  })

  test('parameters have the names, shapes and order of the prototype', () => {
    const { tensors } = readSafetensors(readFileSync(join(folder, 'photo.safetensors')))
    // Bands are in the structure.
    const theirs = [...tensors].filter(([name]) => !name.endsWith('.band')).map(([name, { shape }]) => [name, shape])
    const ours = parametersOf(structure).map(({ name, shape }) => [name, shape])
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs))
    expect(frequencyOrder()).toEqual([...tensors.get('dc_ids')!.data])
  })

  const stored = (name: string): ArrayLike<number> => parity.get(name)!.data

  const run = (lambda: string, forced: boolean): Forward => {
    const paths: Tensor[] = []
    for (let i = 0; forced; i++) {
      const path = parity.get(`lambda_${lambda}.${i}.path`)
      if (!path) break
      paths.push(ops.tf.tensor(Int32Array.from(path.data), [...path.shape], 'int32'))
    }
    return forward(ops, structure, (name) => weights.get(name)!, rgb, [Number(lambda)], forced ? { paths } : {})
  }

  const difference = (name: string, ours: Tensor): number => relative(ours.dataSync(), stored(name))

  const cases = [
    ['2.5', 14],
    ['7.0', 11],
  ] as const

  test.each(cases)('teacher-forced, at ln λ = %s: 1e-4 of each tensor', (lambda, layers) => {
    const { tf } = ops
    const most = { h: 0, mean: 0, sigma: 0, logits: 0, linear: 0, out: 0, bits: 0 }
    tf.tidy(() => {
      const result = run(lambda, true)
      expect(result.heads.length).toBe(layers)
      result.heads.forEach(({ h, mean, sigma, logits }, i) => {
        const name = (of: string): string => `lambda_${lambda}.${i}.${of}`
        most.h = Math.max(most.h, difference(name('h'), tf.transpose(h, [0, 3, 1, 2])))
        most.mean = Math.max(most.mean, difference(name('mean'), mean))
        most.sigma = Math.max(most.sigma, difference(name('sigma'), sigma))
        most.logits = Math.max(most.logits, difference(name('logits'), logits![0]))
      })
      for (const what of ['linear', 'out'] as const)
        most[what] = difference(`lambda_${lambda}.${what}`, tf.transpose(result[what], [0, 3, 1, 2]))
      most.bits = difference(`lambda_${lambda}.bits`, result.bits)
    })
    console.info(`training on ${backend.name}, teacher-forced, ln λ = ${lambda}:`, most)
    for (const value of Object.values(most)) expect(value).toBeLessThan(1e-4)
  })

  test.each(cases)('free-running, at ln λ = %s: 99.9 % of the choices', (lambda) => {
    const { tf } = ops
    tf.tidy(() => {
      const { paths, bits } = run(lambda, false)
      let [same, all] = [0, 0]
      paths.forEach((path, i) => {
        const theirs = stored(`lambda_${lambda}.${i}.path`)
        path.dataSync().forEach((leaf, cell) => {
          all++
          if (leaf === theirs[cell]) same++
        })
      })
      console.info(`training on ${backend.name}, free-running, ln λ = ${lambda}: ${same} of ${all} choices agree`)
      expect(same / all).toBeGreaterThan(0.999)
      expect(difference(`lambda_${lambda}.bits`, bits)).toBeLessThan(1e-3)
    })
  })

  test('loss and gradients, at ln λ = 2.5', () => {
    const { tf } = ops
    const most = { cost: 0, aid: 0, norm: 0, first: 0 }
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => {
        const loss = lossOf(ops, run('2.5', true))
        const [cost, aid] = stored('lambda_2.5.loss') as number[] & ArrayLike<number>
        most.cost = relative(loss.cost.dataSync(), [cost])
        most.aid = relative(loss.aid.dataSync(), [aid])
        return objective(ops, loss, ops.tf.tensor1d([1]), 0.05)
      })
      for (const [name, gradient] of Object.entries(grads)) {
        const [norm, ...first] = Array.from(stored(`lambda_2.5.gradient.${name}`))
        const ours = gradient.dataSync<'float32'>()
        most.norm = Math.max(most.norm, relative([Math.sqrt(ours.reduce((sum, x) => sum + x * x, 0))], [norm]))
        // Beside the tensor's rms where that is larger: its first values may all be small.
        const rms = (values: readonly number[]): number => Math.hypot(...values) / Math.sqrt(values.length)
        const error = rms(first.map((x, i) => x - ours[i]))
        const scale = Math.max(rms(first), norm / Math.sqrt(ours.length))
        if (error > 0) most.first = Math.max(most.first, error / scale)
      }
      expect(Object.keys(grads).length).toBe(parametersOf(structure).filter(({ trained }) => trained).length)
    })
    console.info(`training on ${backend.name}, gradients, ln λ = 2.5:`, most)
    for (const value of Object.values(most)) expect(value).toBeLessThan(1e-3)
  })
})

/** Root mean square difference, relative to the rms of what is stored. */
function relative(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length)
  let [error, energy] = [0, 0]
  for (let i = 0; i < theirs.length; i++) {
    error += (ours[i] - theirs[i]) ** 2
    energy += theirs[i] ** 2
  }
  // Where a unit is dead its gradient is 0, and must be.
  return error === 0 ? 0 : Math.sqrt(error / energy)
}
