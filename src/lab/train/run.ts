/** A training run: begun, or gone on from a checkpoint, and saved. `trainStep` moves it; the caller reads and writes. */
import type { Variable } from '@tensorflow/tfjs-core'
import { DdncError } from '../../errors.js'
import { checkCellGrid } from '../../network/structure.js'
import { checkWholeImage } from '../../network/wholeStructure.js'
import { randomFrom, type Random } from '../../network/uniform.js'
import { floatModelOf, type FloatModel } from '../quantise/prototype.js'
import { floatWholeModelOf, type FloatWholeModel } from '../quantise/wholeFloat.js'
import { Adam } from './adam.js'
import type { Tensor } from './backend.js'
import { noUsualLoss, type UsualLoss } from './balance.js'
import { isCheckpoint, readCheckpoint, writeCheckpoint, type Checkpoint, type Slots } from './checkpoint.js'
import { averagesOf } from './from.js'
import type { Operations } from './operations.js'
import { kindOf, type Data, type Kind } from './kind.js'
import { readGridRecipe, readRecipe, wholeImageRecipe, type Recipe } from './recipe.js'
import { pixelsOfSteps, stepsThatFit } from './schedule.js'
import { Usage } from './usage.js'

export type Run = {
  readonly recipe: Recipe
  readonly kind: Kind
  /** The recipe's JSON, as it was given. */
  readonly text: string
  readonly random: Random
  readonly adam: Adam
  /** Every parameter by name: variables, and constants. */
  readonly weights: ReadonlyMap<string, Tensor>
  /** Steps done. */
  step: number
  /** Of the whole run; null while a warm-up decides how many fit in `minutes`. */
  steps: number | null
  /** Of training, in all, if the number of steps follows from it. */
  readonly minutes: number | null
  usualLoss: UsualLoss
  readonly usage: Usage
  /** Seconds of training before this process. */
  readonly secondsBefore: number
}

/** One of them is null. */
export type Length = Pick<Run, 'steps' | 'minutes'>

/**
 * Begins a run with the recipe's seed.
 * @param length steps of the whole run, or null and minutes
 * @param given weights to begin with instead of random ones, as `matching` gives them
 * @throws {DdncError} BadOption: the recipe, naming the field
 * @example const run = beginRun(operations(await loadBackend()), text, data, { steps: 1000, minutes: null })
 */
export function beginRun(
  ops: Operations,
  text: string,
  data: Data,
  length: Length,
  given: ReadonlyMap<string, Float32Array> = new Map(),
): Run {
  const recipe = readRecipe(text)
  const random = randomFrom(recipe.training.seed)
  const kind = kindOf(recipe)
  const first = kind.begin(data, random, given)
  return runOf(ops, recipe, kind, text, random, length, (name) => given.get(name) ?? first.get(name)!)
}

/**
 * Goes on from a checkpoint as if it had never stopped.
 * @param length of the whole run, what is done included, if it is to be another than the checkpoint's: what is left of
 * the schedule is then that of the new length
 * @throws {DdncError} Corrupt: no checkpoint, or of another network than its recipe's; BadOption: more than `length` is
 * done already
 * @example const run = resumeRun(ops, await readFile('checkpoint.safetensors'), { steps: 2000, minutes: null })
 */
export function resumeRun(ops: Operations, bytes: Uint8Array, length?: Length): Run {
  const saved = readCheckpoint(bytes)
  const { trained, constants } = saved
  const recipe = readRecipe(saved.recipe)
  const kind = kindOf(recipe)
  checkWeights(saved, kind)
  const values = (name: string): Float32Array => trained.get(name)?.weight ?? constants.get(name)!.data
  const run = runOf(ops, recipe, kind, saved.recipe, randomFrom(saved.random), lengthOf(saved, kind, length), values)
  run.adam.load(withShapes(trained, onDevice))
  const usage = new Usage(kind.distributions, recipe.training, constants)
  return { ...run, step: saved.step, usualLoss: saved.usualLoss, usage, secondsBefore: saved.seconds }
}

/** Is every weight there, and of the network's shape? */
function checkWeights({ trained, constants }: Checkpoint, { parameters }: Kind): void {
  for (const parameter of parameters) {
    const { name, shape } = parameter
    const found = (parameter.trained ? trained : constants).get(name)
    if (found?.shape.join() === shape.join()) continue
    const where = `the checkpoint's weight ${name}`
    const has = found ? `of shape [${found.shape.join()}]` : 'missing'
    throw new DdncError({ tag: 'Corrupt', where, found: has, allowed: `[${shape.join()}]` })
  }
}

function lengthOf(saved: Checkpoint, { sizes }: Kind, wanted?: Length): Length {
  const { step, seconds } = saved
  const tooShort = (option: string, found: number, done: string): DdncError =>
    new DdncError({ tag: 'BadOption', option, found: `${found}`, allowed: `at least the ${done} that are done` })
  if (!wanted) return saved
  const { steps, minutes } = wanted
  if (steps !== null && steps < step) throw tooShort('steps', steps, `${step}`)
  if (minutes === null) return wanted
  if (minutes * 60 <= seconds) throw tooShort('minutes', minutes, (seconds / 60).toFixed(1))
  // At its start, and within its warm-up, a run does not know yet how fast it is.
  if (step === 0 || saved.steps === null) return wanted
  const speed = pixelsOfSteps(sizes, 0, step, saved.steps) / seconds
  return { steps: stepsThatFit(sizes, step, speed, minutes * 60 - seconds), minutes }
}

function runOf(
  ops: Operations,
  recipe: Recipe,
  kind: Kind,
  text: string,
  random: Random,
  { steps, minutes }: Length,
  values: (name: string) => Float32Array,
): Run {
  const { tf } = ops
  tf.disposeVariables() // a variable's name can be taken once
  const weights = new Map<string, Tensor>()
  const variables = new Map<string, Variable>()
  for (const { name, shape, trained } of kind.parameters) {
    const tensor = tf.tensor(values(name), [...(trained ? onDevice(shape) : shape)])
    if (trained) {
      variables.set(name, tf.variable(tensor, true, name))
      tensor.dispose() // the variable holds the numbers too: else the first ones would stay in memory
    }
    weights.set(name, variables.get(name) ?? tensor)
  }
  const adam = new Adam(ops.backend, variables, recipe.training.adam)
  const usage = new Usage(kind.distributions, recipe.training)
  const begun = { step: 0, usualLoss: noUsualLoss, usage, secondsBefore: 0 }
  return { recipe, kind, text, random, adam, weights, steps, minutes, ...begun }
}

/** The weights of a 1×1 convolution are a matrix there: views of them would be some hundred operations a step. */
const onDevice = (shape: readonly number[]): readonly number[] =>
  shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape

function withShapes(
  slots: ReadonlyMap<string, Slots>,
  shapeOf: (shape: readonly number[], name: string) => readonly number[],
): Map<string, Slots> {
  return new Map([...slots].map(([name, own]) => [name, { ...own, shape: shapeOf(own.shape, name) }]))
}

/** @param seconds of training in this process */
export async function saveRun(run: Run, seconds: number): Promise<Uint8Array> {
  const { text, kind, step, steps, minutes, random, usualLoss, adam, weights, usage, secondsBefore } = run
  const shapes = new Map(kind.parameters.map(({ name, shape }) => [name, shape]))
  const trained = withShapes(await adam.save(), (_, name) => shapes.get(name)!)
  const constants = usage.save()
  for (const [name, tensor] of weights) {
    if (!trained.has(name)) constants.set(name, { shape: tensor.shape, data: await tensor.data<'float32'>() })
  }
  return writeCheckpoint({
    recipe: text,
    step,
    steps,
    minutes,
    seconds: secondsBefore + seconds,
    random: random.state(),
    usualLoss,
    trained,
    constants,
  })
}

/**
 * The recipe of a checkpoint; null of another safetensors file.
 * @throws {DdncError} as readCheckpoint and readRecipe
 */
export const recipeOfCheckpoint = (bytes: Uint8Array): Recipe | null =>
  isCheckpoint(bytes) ? readRecipe(readCheckpoint(bytes).recipe) : null

/**
 * The averaged weights of a checkpoint, for the quantiser.
 * @param name of the model; default: the recipe's
 * @throws {DdncError} as readCheckpoint; Corrupt: a name of over 8 characters; BadOption: of a whole-image network
 * @example const { model } = floatModelOfCheckpoint(await readFile('checkpoint.safetensors'))
 */
export function floatModelOfCheckpoint(bytes: Uint8Array, name?: string): FloatModel {
  const checkpoint = readCheckpoint(bytes)
  const { structure } = readGridRecipe(checkpoint.recipe)
  return floatModelOf(checkCellGrid({ ...structure, name: name ?? structure.name }), averagesOf(checkpoint))
}

/** As floatModelOfCheckpoint, of a whole-image network. */
export function floatWholeModelOfCheckpoint(bytes: Uint8Array, name?: string): FloatWholeModel {
  const checkpoint = readCheckpoint(bytes)
  const { structure } = wholeImageRecipe(readRecipe(checkpoint.recipe))
  const named = checkWholeImage({ ...structure, name: name ?? structure.name })
  return floatWholeModelOf(named, averagesOf(checkpoint))
}
