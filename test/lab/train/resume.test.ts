/** All parts of training together, on a network that plain JavaScript can train: does a checkpoint hold all of it? */
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { Adam } from '../../../src/lab/train/adam.js'
import { loadBackend, type Tensor } from '../../../src/lab/train/backend.js'
import { noUsualLoss, rateOf, withLosses, type UsualLoss } from '../../../src/lab/train/balance.js'
import { readCheckpoint, writeCheckpoint } from '../../../src/lab/train/checkpoint.js'
import { cropsOf, type Data } from '../../../src/lab/train/data.js'
import { deviationsOf } from '../../../src/lab/train/deviations.js'
import { drawScreen } from '../../../src/lab/train/drawing.js'
import { lossOf, objective } from '../../../src/lab/train/loss.js'
import { forward } from '../../../src/lab/train/network.js'
import { operations, type Operations } from '../../../src/lab/train/operations.js'
import { initialWeights, parametersOf } from '../../../src/lab/train/parameters.js'
import { readRecipe } from '../../../src/lab/train/recipe.js'
import { averageDecay, drawLogLambdas, learningRate, sizeAt } from '../../../src/lab/train/schedule.js'
import { randomFrom, type Random } from '../../../src/network/uniform.js'

const photo = JSON.parse(await readFile(new URL('../../../recipes/photo.json', import.meta.url), 'utf8')) as {
  training: object
}
const RECIPE = JSON.stringify({
  name: 'tiny',
  structure: {
    profiles: ['entropy'],
    escape: true,
    coarse: { channels: 4, layers: [{ band: [0, 4], K: 3, rank: 2, scale: 0.6, power: 0.3 }] },
    fine: {
      channels: 4,
      layers: [
        { band: [0, 3], K: 2, n: 2, rank: 2, scale: 0.3, power: 0.5 },
        { band: [0, 3], K: 3, rank: 1, until: 40, scale: 0, power: 1 },
      ],
    },
    upChannels: 1,
    cleanUp: 2,
  },
  training: {
    ...photo.training,
    sizes: [
      { from: 0, batch: 2, crop: 16 },
      { from: 0.5, batch: 1, crop: 24 },
    ],
  },
})
const STEPS = 12
const { structure, starts, training } = readRecipe(RECIPE)
const DATA: Data = { photographs: [drawScreen(1, 64), drawScreen(2, 64)], drawings: [drawScreen(3, 64)] }

let ops: Operations
beforeAll(async () => {
  ops = operations(await loadBackend('cpu'))
})

type Run = { step: number; random: Random; usualLoss: UsualLoss; adam: Adam; weights: ReadonlyMap<string, Tensor> }

function runOf(random: Random, values: (name: string) => Float32Array): Run {
  const { tf } = ops
  // A variable's name can be taken once.
  tf.disposeVariables()
  const weights = new Map<string, Tensor>()
  const variables = new Map<string, ReturnType<typeof tf.variable>>()
  for (const { name, shape, trained } of parametersOf(structure)) {
    const tensor = tf.tensor(values(name), [...shape])
    if (trained) variables.set(name, tf.variable(tensor, true, name))
    weights.set(name, variables.get(name) ?? tensor)
  }
  return { step: 0, random, usualLoss: noUsualLoss, adam: new Adam(tf, variables, training.adam), weights }
}

function begin(): Run {
  const random = randomFrom(training.seed)
  const deviations = deviationsOf(DATA, training.data, random, 4, 32)
  const first = initialWeights(structure, { ...starts, deviations, uniform: random.next })
  return runOf(random, (name) => first.get(name)!)
}

function save({ step, random, usualLoss, adam, weights }: Run): Uint8Array {
  const trained = adam.save()
  const constants = [...weights].filter(([name]) => !trained.has(name))
  return writeCheckpoint({
    recipe: RECIPE,
    step,
    steps: STEPS,
    minutes: null,
    seconds: 0,
    random: random.state(),
    usualLoss,
    trained,
    constants: new Map(
      constants.map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.dataSync<'float32'>() }]),
    ),
  })
}

function goOn(bytes: Uint8Array): Run {
  const { step, random, usualLoss, trained, constants } = readCheckpoint(bytes)
  const run = runOf(randomFrom(random), (name) => trained.get(name)?.weight ?? constants.get(name)!.data)
  run.adam.load(trained)
  return { ...run, step, usualLoss }
}

/** @returns how often the last fine layer was left out */
function trainTo(run: Run, end: number): number {
  const { tf } = ops
  let leftOut = 0
  for (; run.step < end; run.step++) {
    const { batch, crop } = sizeAt(training.sizes, run.step, STEPS)
    const logLambdas = drawLogLambdas(training.logLambda, run.random, batch)
    const pixels = cropsOf(DATA, training.data, run.random, batch, crop)
    tf.tidy(() => {
      const rgb = tf.tensor(Float32Array.from(pixels), [batch, crop, crop, 3])
      const { grads } = tf.variableGrads(() => {
        const result = forward(ops, structure, (name) => run.weights.get(name)!, rgb, logLambdas)
        if (result.layerBits.length < 3) leftOut++
        const loss = lossOf(ops, result)
        run.usualLoss = withLosses(run.usualLoss, Array.from(loss.cost.dataSync()), logLambdas)
        return objective(
          ops,
          loss,
          logLambdas.map((x) => run.usualLoss[rateOf(x)]),
          training.aid,
        )
      })
      expect(run.adam.update(grads, learningRate(training.learningRate, run.step, STEPS))).toBeGreaterThan(0)
    })
    run.adam.average(averageDecay(training.average, run.step + 1))
  }
  return leftOut
}

test('training that goes on from a checkpoint is the same, to the bit', () => {
  const run = begin()
  trainTo(run, 5)
  const halfway = save(run)
  const leftOut = trainTo(run, STEPS)
  expect(leftOut).toBeGreaterThan(0)
  expect(leftOut).toBeLessThan(STEPS - 5)
  const whole = save(run)

  const other = goOn(halfway)
  expect(other.step).toBe(5)
  trainTo(other, STEPS)
  expect(save(other)).toEqual(whole)
  expect(readCheckpoint(whole).trained.get('ac.1.nodes')!.updates).toBeLessThan(STEPS)
})
