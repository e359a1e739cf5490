/**
 * Adam on TensorFlow.js variables, with the running mean of the weights. All variables of a group are one flat tensor
 * while they are updated: a network has hundreds, and each operation has a price of its own.
 */
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core'
import { DdncError } from '../../errors.js'
import type { Backend, Tensorflow } from './backend.js'
import type { Slots, SLOT_NAMES } from './checkpoint.js'
import { rawOperations, type RawOperations } from './raw.js'
import { SLOTS, slotsOn, type FlatSlots } from './slots.js'
import { alone, type Team } from './team.js'
import type { Training } from './training.js'

/** Variables whose gradients are all there or all missing. Flat tensors in the order of `names`. */
type Group = {
  readonly names: readonly string[]
  readonly slots: FlatSlots
  /** Running mean of the weights. */
  average: Tensor
  updates: number
}

export class Adam {
  readonly #groups: readonly Group[]
  readonly #raw: RawOperations

  /**
   * @param variables by name; their values are set from here on by this class alone
   * @param groupOf name of a variable's group: a layer that a step may leave out must be one of its own
   * @example const adam = new Adam(backend, variables, recipe.training.adam)
   *   const { grads } = tf.variableGrads(() => objective(…))
   *   const norm = await adam.update(grads, learningRate(rate, step, steps))
   */
  constructor(
    readonly backend: Pick<Backend, 'name' | 'tf'>,
    readonly variables: ReadonlyMap<string, Variable>,
    readonly settings: Training['adam'],
    groupOf: (name: string) => string = layerOfName,
  ) {
    const { tf } = backend
    this.#raw = rawOperations(backend)
    const makeSlots = slotsOn(backend)
    const names = new Map<string, string[]>()
    for (const name of [...variables.keys()].sort()) {
      const group = groupOf(name)
      names.set(group, [...(names.get(group) ?? []), name])
    }
    this.#groups = [...names.values()].map((group) => {
      const flat = (): Tensor =>
        joined(
          tf,
          group.map((name) => variables.get(name)!),
        )
      const average = tf.tidy(() => tf.keep(flat()))
      return { names: group, slots: makeSlots(average, settings), average, updates: 0 }
    })
  }

  /**
   * One step. Groups without any gradient stay as they are, slots too. Nothing changes if the norm is not finite.
   * @param gradients by the keys of `variables`; they stay the caller's
   * @param rate learning rate
   * @param team all of whose gradients are added up; without any of its own a member makes the others' step
   * @returns norm of all gradients together, before it was clipped
   */
  async update(gradients: NamedTensorMap, rate: number, team: Team = alone): Promise<number> {
    const { backend, settings } = this
    const { tf } = backend
    const has = this.#groups.map(({ names }) => Number(names.some((name) => gradients[name] !== undefined)))
    // The first member always has a crop, and all members run the same layers.
    const [ofFirst] = team.share(has)
    const present = this.#groups.filter((_, i) => ofFirst[i] === 1)
    const [energies, ...flat] = tf.tidy(() => {
      const own = present.map(({ names }) =>
        joined(
          tf,
          names.map((name) => gradients[name] ?? tf.zerosLike(this.variables.get(name)!)),
        ),
      )
      const flat = team.size === 1 ? own : summed(tf, own, team)
      return [tf.stack(flat.map((gradient) => this.#raw.squares(gradient))), ...flat]
    })
    // One member's: sums may differ in their last bit, and the weights must not.
    const [[energy]] = team.share([(await energies.data<'float32'>()).reduce((a, b) => a + b, 0)])
    const norm = Math.sqrt(energy)
    const clip = Math.min(1, settings.clip / (norm + 1e-6))
    tf.tidy(() => {
      if (Number.isFinite(norm)) present.forEach((group, i) => this.#step(group, tf.mul(flat[i], clip), rate))
    })
    tf.dispose([energies, ...flat])
    return norm
  }

  #step(group: Group, gradient: Tensor, rate: number): void {
    group.updates++
    group.slots.update(gradient, { rate, updates: group.updates })
    this.#assign(group, group.slots.read('weight'))
  }

  /**
   * Moves the running mean of the weights towards them.
   * @param decay what is kept of it, 0…1
   */
  average(decay: number): void {
    const { tf } = this.backend
    for (const group of this.#groups) {
      tf.tidy(() => {
        const weight = group.slots.read('weight')
        this.#keepAverage(group, tf.add(tf.mul(group.average, decay), tf.mul(weight, 1 - decay)))
      })
    }
  }

  /**
   * Runs something with the averaged weights in the variables, for validation and export.
   * @example const figures = await adam.withAverage(() => validate(…))
   */
  async withAverage<Result>(run: () => Promise<Result>): Promise<Result> {
    const { tf } = this.backend
    try {
      for (const group of this.#groups) tf.tidy(() => this.#assign(group, group.average))
      return await run()
    } finally {
      for (const group of this.#groups) tf.tidy(() => this.#assign(group, group.slots.read('weight')))
    }
  }

  /** Copies of all slots, by name: what a checkpoint holds. */
  async save(): Promise<Map<string, Slots>> {
    const { tf } = this.backend
    const saved = new Map<string, Slots>()
    for (const { names, slots, average: mean, updates } of this.#groups) {
      const tensors = tf.tidy(() => [...SLOTS.map((slot) => tf.clone(slots.read(slot))), tf.clone(mean)])
      const [weight, first, second, average] = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()))
      tf.dispose(tensors)
      let from = 0
      for (const name of names) {
        const { shape, size } = this.variables.get(name)!
        const [start, end] = [from, (from += size)]
        const cut = (data: Float32Array): Float32Array => data.slice(start, end)
        saved.set(name, {
          shape: [...shape],
          updates,
          weight: cut(weight),
          first: cut(first),
          second: cut(second),
          average: cut(average),
        })
      }
    }
    return saved
  }

  /**
   * Goes on from saved slots.
   * @throws {DdncError} Corrupt if they are not those of these variables, before anything is changed
   */
  load(saved: ReadonlyMap<string, Slots>): void {
    const { backend, variables } = this
    const { tf } = backend
    const stranger = [...saved.keys()].find((name) => !variables.has(name))
    if (stranger !== undefined) throw corrupt(stranger, 'there', 'only weights of this network')
    for (const { names } of this.#groups)
      for (const name of names) this.#check(name, saved.get(name), saved.get(names[0]))
    for (const group of this.#groups) {
      const own = group.names.map((name) => saved.get(name)!)
      tf.tidy(() => {
        const flat = (kind: (typeof SLOT_NAMES)[number]): Tensor =>
          joined(
            tf,
            own.map((slots) => tf.tensor1d(slots[kind])),
          )
        const weight = flat('weight')
        group.slots.replace({ weight, first: flat('first'), second: flat('second') })
        this.#keepAverage(group, flat('average'))
        this.#assign(group, weight)
      })
      group.updates = own[0].updates
    }
  }

  #check(name: string, slots: Slots | undefined, first: Slots | undefined): void {
    const { shape } = this.variables.get(name)!
    if (slots?.shape.join() !== shape.join()) {
      throw corrupt(name, slots ? `of shape [${slots.shape.join()}]` : 'missing', `[${shape.join()}]`)
    }
    // Updated together, so saved with the same count.
    if (slots.updates !== first?.updates) throw corrupt(name, `updated ${slots.updates} times`, `${first?.updates}`)
  }

  /** Within a tidy. */
  #keepAverage(group: Group, average: Tensor): void {
    group.average.dispose()
    group.average = this.backend.tf.keep(average)
  }

  /** Gives the group's variables their parts of a flat tensor; within a tidy. */
  #assign({ names }: Group, flat: Tensor): void {
    const { tf } = this.backend
    const variables = names.map((name) => this.variables.get(name)!)
    const parts =
      variables.length === 1
        ? [flat]
        : tf.split(
            flat,
            variables.map(({ size }) => size),
          )
    variables.forEach((variable, i) => variable.assign(tf.reshape(parts[i], variable.shape)))
  }

  /** Frees the slots; the variables stay. */
  dispose(): void {
    for (const { slots, average } of this.#groups) {
      slots.dispose()
      average.dispose()
    }
  }
}

/** `ac.5.block.a.weight` is of `ac.5`; what is of no layer is of one group. */
const layerOfName = (name: string): string => /^(dc|ac)\.\d+(?=\.)/.exec(name)?.[0] ?? ''

function joined(tf: Tensorflow, tensors: readonly Tensor[]): Tensor {
  const flat = tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))
  // A copy even of one: what is kept must not be the caller's.
  return flat.length === 1 ? tf.clone(flat[0]) : tf.concat(flat)
}

const summed = (tf: Tensorflow, own: readonly Tensor[], team: Team): Tensor[] =>
  team.sum(own.map((gradient) => gradient.dataSync<'float32'>())).map((sum) => tf.tensor1d(sum))

const corrupt = (name: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `the checkpoint's weight ${name}`, found, allowed })
