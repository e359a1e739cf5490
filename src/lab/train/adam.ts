/**
 * Adam on TensorFlow.js variables, with the running mean of the weights. All variables of a group are one flat tensor
 * while they are updated: a network has hundreds, and each operation has a price of its own.
 */
import type * as tfjs from '@tensorflow/tfjs-core'
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs-core'
import { DdncError } from '../../errors.js'
import type { Slots } from './checkpoint.js'
import type { Training } from './recipe.js'

type Tensorflow = typeof tfjs

/** What checkpoints hold of a variable. */
const KINDS = ['weight', 'first', 'second', 'average'] as const
type Kind = (typeof KINDS)[number]

/** Variables whose gradients are all there or all missing. Flat tensors in the order of `names`. */
type Group = { readonly names: readonly string[]; flat: Record<Kind, Tensor>; updates: number }

/** Values a row while squares are summed: float32 sums of millions lose digits on some backends. */
const ROW = 1024

export class Adam {
  readonly #groups: readonly Group[]

  /**
   * @param variables by name; their values are set from here on by `update` alone
   * @param groupOf name of a variable's group: a layer that a step may leave out must be one of its own
   * @example const adam = new Adam(tf, variables, recipe.training.adam)
   *   const { grads } = tf.variableGrads(() => objective(…))
   *   const norm = adam.update(grads, learningRate(rate, step, steps))
   */
  constructor(
    readonly tf: Tensorflow,
    readonly variables: ReadonlyMap<string, Variable>,
    readonly settings: Training['adam'],
    groupOf: (name: string) => string = layerOfName,
  ) {
    const names = new Map<string, string[]>()
    for (const name of [...variables.keys()].sort()) {
      const group = groupOf(name)
      names.set(group, [...(names.get(group) ?? []), name])
    }
    this.#groups = [...names.values()].map((group) => {
      const flat = (of: (variable: Variable) => Tensor): Tensor =>
        tf.tidy(() =>
          tf.keep(
            joined(
              tf,
              group.map((name) => of(variables.get(name)!)),
            ),
          ),
        )
      return {
        names: group,
        flat: {
          weight: flat((variable) => variable),
          first: flat((variable) => tf.zerosLike(variable)),
          second: flat((variable) => tf.zerosLike(variable)),
          average: flat((variable) => variable),
        },
        updates: 0,
      }
    })
  }

  /**
   * One step. Groups without any gradient stay as they are, slots too. Nothing changes if the norm is not finite.
   * @param gradients by the keys of `variables`; they stay the caller's
   * @param rate learning rate
   * @returns norm of all gradients together, before it was clipped
   */
  update(gradients: NamedTensorMap, rate: number): number {
    const { tf, settings } = this
    return tf.tidy(() => {
      const present = this.#groups.filter(({ names }) => names.some((name) => gradients[name] !== undefined))
      const flat = present.map(({ names }) =>
        joined(
          tf,
          names.map((name) => gradients[name] ?? tf.zerosLike(this.variables.get(name)!)),
        ),
      )
      const norm = Math.sqrt(flat.reduce((sum, gradient) => sum + sumOfSquares(tf, gradient), 0))
      if (!Number.isFinite(norm)) return norm
      const clip = Math.min(1, settings.clip / (norm + 1e-6))
      present.forEach((group, i) => this.#step(group, tf.mul(flat[i], clip), rate))
      return norm
    })
  }

  #step(group: Group, gradient: Tensor, rate: number): void {
    const { tf } = this
    const { betas, epsilon } = this.settings
    const { first, second, weight } = group.flat
    group.updates++
    const blend = (old: Tensor, now: Tensor, beta: number): Tensor => tf.add(tf.mul(old, beta), tf.mul(now, 1 - beta))
    const newFirst = blend(first, gradient, betas[0])
    const newSecond = blend(second, tf.square(gradient), betas[1])
    // Means that began with 0 are too small by 1 − beta^updates.
    const [grown, grownSquare] = betas.map((beta) => 1 - beta ** group.updates)
    const root = tf.add(tf.mul(tf.sqrt(newSecond), 1 / Math.sqrt(grownSquare)), epsilon)
    const newWeight = tf.sub(weight, tf.div(tf.mul(newFirst, rate / grown), root))
    this.#replace(group, { weight: newWeight, first: newFirst, second: newSecond })
    this.#assign(group, newWeight)
  }

  /**
   * Moves the running mean of the weights towards them.
   * @param decay what is kept of it, 0…1
   */
  average(decay: number): void {
    const { tf } = this
    for (const group of this.#groups) {
      const { average, weight } = group.flat
      tf.tidy(() => this.#replace(group, { average: tf.add(tf.mul(average, decay), tf.mul(weight, 1 - decay)) }))
    }
  }

  /**
   * Runs something with the averaged weights in the variables, for validation and export.
   * @example const figures = await adam.withAverage(() => validate(…))
   */
  async withAverage<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      for (const group of this.#groups) this.tf.tidy(() => this.#assign(group, group.flat.average))
      return await run()
    } finally {
      for (const group of this.#groups) this.tf.tidy(() => this.#assign(group, group.flat.weight))
    }
  }

  /** Copies of all slots, by name: what a checkpoint holds. */
  save(): Map<string, Slots> {
    const saved = new Map<string, Slots>()
    for (const { names, flat, updates } of this.#groups) {
      const [weight, first, second, average] = KINDS.map((kind) => flat[kind].dataSync<'float32'>())
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
    const { tf, variables } = this
    const stranger = [...saved.keys()].find((name) => !variables.has(name))
    if (stranger !== undefined) throw corrupt(stranger, 'there', 'only weights of this network')
    for (const { names } of this.#groups)
      for (const name of names) this.#check(name, saved.get(name), saved.get(names[0]))
    for (const group of this.#groups) {
      const slots = group.names.map((name) => saved.get(name)!)
      tf.tidy(() => {
        const flat = (kind: Kind): Tensor =>
          joined(
            tf,
            slots.map((slot) => tf.tensor1d(slot[kind])),
          )
        this.#replace(group, Object.fromEntries(KINDS.map((kind) => [kind, flat(kind)])))
        this.#assign(group, group.flat.weight)
      })
      group.updates = slots[0].updates
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

  /** New flat tensors instead of old ones; within a tidy. */
  #replace({ flat }: Group, changes: Partial<Record<Kind, Tensor>>): void {
    for (const [kind, tensor] of Object.entries(changes) as [Kind, Tensor][]) {
      flat[kind].dispose()
      flat[kind] = this.tf.keep(tensor)
    }
  }

  /** Gives the group's variables their parts of a flat tensor; within a tidy. */
  #assign({ names }: Group, flat: Tensor): void {
    const { tf } = this
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
    for (const { flat } of this.#groups) for (const kind of KINDS) flat[kind].dispose()
  }
}

/** `ac.5.block.a.weight` is of `ac.5`; what is of no layer is of one group. */
const layerOfName = (name: string): string => /^(dc|ac)\.\d+(?=\.)/.exec(name)?.[0] ?? ''

function joined(tf: Tensorflow, tensors: readonly Tensor[]): Tensor {
  const flat = tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))
  // A copy even of one: what is kept must not be the caller's.
  return flat.length === 1 ? tf.clone(flat[0]) : tf.concat(flat)
}

/** In two stages: rows, then a double. */
function sumOfSquares(tf: Tensorflow, flat: Tensor): number {
  const padded = tf.pad(tf.square(flat), [[0, (ROW - (flat.size % ROW)) % ROW]])
  const rows = tf.sum(tf.reshape(padded, [-1, ROW]), 1).dataSync<'float32'>()
  return rows.reduce((a, b) => a + b, 0)
}

const corrupt = (name: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `the checkpoint's weight ${name}`, found, allowed })
