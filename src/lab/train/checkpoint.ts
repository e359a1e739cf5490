/**
 * Checkpoints: all that training needs to go on as if it had never stopped, as one safetensors file. The caller writes
 * it whole or not at all.
 */
import { DdncError } from '../../errors.js'
import { MAX_TENSORS, readSafetensors, writeSafetensors, type Tensor } from '../../network/safetensors.js'
import { RATES, type UsualLoss } from './balance.js'

/** What every weight that is trained has four numbers of. */
export const SLOT_NAMES = ['weight', 'first', 'second', 'average'] as const

/** Four numbers of every weight that is trained. */
export type Slots = Readonly<{
  shape: readonly number[]
  /** How often the weight was updated: layers above their λ are left out. */
  updates: number
  weight: Float32Array
  /** Adam's running means of the gradient and of its square. */
  first: Float32Array
  second: Float32Array
  /** Running mean of the weight: what is exported. */
  average: Float32Array
}>

/** Numbers as a tensor. */
export type Shaped = Readonly<{ shape: readonly number[]; data: Float32Array }>

export type Checkpoint = Readonly<{
  /** The recipe's JSON, as it was given. */
  recipe: string
  /** Number of steps done. */
  step: number
  /** Of the whole run; null while the warm-up decides how many fit in `minutes`. */
  steps: number | null
  /** Time of the whole run, if it was asked for in minutes. */
  minutes: number | null
  /** Seconds of training so far. */
  seconds: number
  /** State of the random generator. */
  random: number
  usualLoss: UsualLoss
  /** Slots by the weights' names. */
  trained: ReadonlyMap<string, Slots>
  /** What is set once and not trained, by name. */
  constants: ReadonlyMap<string, Shaped>
}>

const FORMAT = 'ddnc checkpoint'
const VERSION = 0
const UPDATES = 'updates'
const CONSTANT = 'constant'
/** All that a weight has. */
const KINDS: readonly string[] = [...SLOT_NAMES, UPDATES]

/**
 * @returns bytes of a safetensors file: tensors `weight/NAME`, `first/NAME`, `second/NAME`, `average/NAME`,
 * `updates/NAME` and `constant/NAME`, all else in its metadata
 * @throws {DdncError} LimitExceeded: more tensors than are read back, over 800 weights
 * @example await writeOutput('checkpoint.safetensors', writeCheckpoint(checkpoint), options)
 */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { recipe, step, steps, minutes, seconds, random, usualLoss, trained, constants } = checkpoint
  const tensors = new Map<string, Tensor>()
  for (const [name, slots] of trained) {
    for (const slot of SLOT_NAMES) tensors.set(`${slot}/${name}`, { shape: slots.shape, data: slots[slot] })
  }
  for (const [name, { updates }] of trained)
    tensors.set(`${UPDATES}/${name}`, { shape: [], data: Int32Array.of(updates) })
  for (const [name, constant] of constants) tensors.set(`${CONSTANT}/${name}`, constant)
  if (tensors.size > MAX_TENSORS) {
    throw new DdncError({
      tag: 'LimitExceeded',
      what: "a checkpoint's tensors",
      value: tensors.size,
      limit: MAX_TENSORS,
    })
  }
  // JSON gives doubles back as they were.
  const state = JSON.stringify({ step, steps, minutes, seconds, random, usualLoss })
  return writeSafetensors({ format: FORMAT, version: `${VERSION}`, recipe, state }, tensors)
}

/**
 * Is this a checkpoint, and no other safetensors file?
 * @throws {DdncError} as readSafetensors
 * @example isCheckpoint(await readFile('photo.safetensors')) // false: weights alone
 */
export const isCheckpoint = (bytes: Uint8Array): boolean => readSafetensors(bytes).metadata['format'] === FORMAT

/**
 * @param bytes a whole file; nothing about it is trusted
 * @throws {DdncError} BadSignature: no checkpoint; UnsupportedVersion; Corrupt or Truncated: damaged, naming the field.
 * Whether the weights are those of the recipe's network is for the network to check.
 * @example const { step, trained } = readCheckpoint(await readFile('checkpoint.safetensors'))
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes)
  const text = (name: string): string | undefined => (Object.hasOwn(metadata, name) ? metadata[name] : undefined)
  if (text('format') !== FORMAT) {
    const found = text('format') === undefined ? 'a safetensors file of another kind' : text('format')!.slice(0, 40)
    throw new DdncError({ tag: 'BadSignature', what: 'a checkpoint of ddnc train', found })
  }
  if (text('version') !== `${VERSION}`) {
    const version = Number(text('version'))
    throw new DdncError({ tag: 'UnsupportedVersion', what: 'the checkpoint', version, supported: VERSION })
  }
  const recipe = text('recipe')
  if (recipe === undefined) throw corrupt('recipe', 'missing', "the recipe's JSON")
  return { recipe, ...stateOf(text('state')), ...weightsOf(tensors) }
}

function stateOf(json: string | undefined): Omit<Checkpoint, 'recipe' | 'trained' | 'constants'> {
  const state = parse(json)
  const number = (name: string, high: number, isWhole: boolean): number => {
    const value = state[name]
    const isFine = typeof value === 'number' && value >= 0 && value <= high && (!isWhole || Number.isInteger(value))
    if (!isFine) throw corrupt(name, worded(value), `${isWhole ? 'an integer' : 'a number'}, 0…${high}`)
    return value
  }
  const optional = <Value>(name: string, read: () => Value): Value | null => (state[name] === null ? null : read())
  const usualLoss: unknown = state['usualLoss']
  const isMean = (x: unknown): x is number => typeof x === 'number' && x >= 0 && x < Infinity
  if (!Array.isArray(usualLoss) || usualLoss.length !== RATES || !usualLoss.every(isMean)) {
    throw corrupt('usualLoss', worded(usualLoss), `${RATES} numbers, 0 or more`)
  }
  const step = number('step', Number.MAX_SAFE_INTEGER, true)
  const steps = optional('steps', () => number('steps', Number.MAX_SAFE_INTEGER, true))
  if (steps !== null && steps < step) throw corrupt('steps', `${steps}`, `null, or the ${step} that are done or more`)
  return {
    step,
    steps,
    minutes: optional('minutes', () => number('minutes', 1e9, false)),
    seconds: number('seconds', 1e12, false),
    random: number('random', 2 ** 32 - 1, true),
    usualLoss,
  }
}

function parse(json: string | undefined): Record<string, unknown> {
  try {
    const state: unknown = JSON.parse(json ?? 'null')
    if (typeof state === 'object' && state !== null) return state as Record<string, unknown>
  } catch {
    // named below
  }
  throw corrupt('state', 'no JSON object', 'a JSON object')
}

function weightsOf(tensors: ReadonlyMap<string, Tensor>): Pick<Checkpoint, 'trained' | 'constants'> {
  const trained = new Map<string, Slots>()
  const constants = new Map<string, Shaped>()
  const floats = (name: string): Shaped => {
    const tensor = tensors.get(name)
    if (!(tensor?.data instanceof Float32Array)) {
      throw corrupt(name, tensor ? 'of another type' : 'missing', 'a tensor of F32')
    }
    return { shape: tensor.shape, data: tensor.data }
  }
  for (const key of tensors.keys()) {
    const slash = key.indexOf('/')
    const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)]
    if (kind === CONSTANT) constants.set(name, floats(key))
    else if (kind === 'weight') trained.set(name, slotsOf(name, floats, tensors.get(`${UPDATES}/${name}`)))
    else if (!KINDS.includes(kind) || !tensors.has(`weight/${name}`)) {
      throw corrupt(key, 'a tensor', `${KINDS.join('/, ')}/ of a weight, or ${CONSTANT}/`)
    }
  }
  return { trained, constants }
}

function slotsOf(name: string, floats: (name: string) => Shaped, count: Tensor | undefined): Slots {
  const updates = count?.data[0]
  if (!(count?.data instanceof Int32Array) || count.data.length !== 1 || updates === undefined || updates < 0) {
    throw corrupt(`${UPDATES}/${name}`, count ? 'no count' : 'missing', 'one I32, 0 or more')
  }
  const { shape, data: weight } = floats(`weight/${name}`)
  const slot = (kind: string): Float32Array => {
    const found = floats(`${kind}/${name}`)
    if (found.shape.join() === shape.join()) return found.data
    throw corrupt(`${kind}/${name}`, `of shape [${found.shape.join()}]`, `[${shape.join()}]`)
  }
  return { shape, updates, weight, first: slot('first'), second: slot('second'), average: slot('average') }
}

const corrupt = (field: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `the checkpoint's ${field}`, found, allowed })

const worded = (value: unknown): string =>
  value === undefined ? 'missing' : typeof value === 'object' && value !== null ? 'a list or object' : String(value)
