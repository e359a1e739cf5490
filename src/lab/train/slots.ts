/** Weights and Adam's two means of their gradients as flat tensors: of any backend, or in one native kernel. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Backend, Tensorflow } from './backend.js'
import { nativeBackend } from './raw.js'

export const SLOTS = ['weight', 'first', 'second'] as const
export type Slot = (typeof SLOTS)[number]
export type SlotTensors = Readonly<Record<Slot, Tensor>>

/** Of one group of weights. */
export type FlatSlots = Readonly<{
  /** The tensors as they are; to be read before the next update. Native ones are the caller's tidy's. */
  read(slot: Slot): Tensor
  /**
   * Adam's step number `updates` (from 1) with that gradient.
   * @param gradient flat, clipped
   */
  update(gradient: Tensor, step: Readonly<{ rate: number; updates: number }>): void
  replace(tensors: SlotTensors): void
  dispose(): void
}>

export type AdamSettings = Readonly<{ betas: readonly [number, number]; epsilon: number }>

/** Makes the slots of a group from its first weights; both means begin with 0. */
export type MakeSlots = (weight: Tensor, settings: AdamSettings) => FlatSlots

/** @example const make = slotsOn(await loadBackend()) */
export function slotsOn(backend: Pick<Backend, 'name' | 'tf'>): MakeSlots {
  return backend.name === 'tensorflow' ? nativeSlots(backend.tf) : portableSlots(backend.tf)
}

/** By operations that every backend has: a dozen passes over the weights. */
export const portableSlots =
  (tf: Tensorflow): MakeSlots =>
  (weight, { betas, epsilon }) => {
    const kept: Record<Slot, Tensor> = tf.tidy(() => ({
      weight: tf.keep(tf.clone(weight)),
      first: tf.keep(tf.zerosLike(weight)),
      second: tf.keep(tf.zerosLike(weight)),
    }))
    const replace = (tensors: SlotTensors): void => {
      for (const slot of SLOTS) {
        kept[slot].dispose()
        kept[slot] = tf.keep(tf.clone(tensors[slot]))
      }
    }
    return {
      read: (slot) => kept[slot],
      update: (gradient, { rate, updates }) =>
        tf.tidy(() => {
          const blend = (old: Tensor, now: Tensor, beta: number): Tensor =>
            tf.add(tf.mul(old, beta), tf.mul(now, 1 - beta))
          const first = blend(kept.first, gradient, betas[0])
          const second = blend(kept.second, tf.square(gradient), betas[1])
          // Means that began with 0 are too small by 1 − beta^updates.
          const [grown, grownSquare] = betas.map((beta) => 1 - beta ** updates)
          const root = tf.add(tf.mul(tf.sqrt(second), 1 / Math.sqrt(grownSquare)), epsilon)
          replace({ weight: tf.sub(kept.weight, tf.div(tf.mul(first, rate / grown), root)), first, second })
        }),
      replace: (tensors) => tf.tidy(() => replace(tensors)),
      dispose: () => SLOTS.forEach((slot) => kept[slot].dispose()),
    }
  }

let made = 0

/** As resource variables of native TensorFlow, which its kernel updates in one pass. */
function nativeSlots(tf: Tensorflow): MakeSlots {
  const native = nativeBackend(tf)
  const { TF_ATTR_TYPE, TF_ATTR_SHAPE, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = native.binding
  const type = (name: string) => ({ name, type: TF_ATTR_TYPE, value: TF_FLOAT })
  const flag = (name: string) => ({ name, type: TF_ATTR_BOOL, value: false })
  const text = (name: string, value: string) => ({ name, type: TF_ATTR_STRING, value })
  const assign = (handle: Tensor, value: Tensor): unknown =>
    native.executeMultipleOutputs('AssignVariableOp', [type('dtype'), flag('validate_shape')], [handle, value], 0)
  return (weight, { betas, epsilon }) => {
    const shape = { name: 'shape', type: TF_ATTR_SHAPE, value: [weight.size] }
    const handles = Object.fromEntries(
      SLOTS.map((slot) => {
        const attributes = [type('dtype'), shape, text('container', ''), text('shared_name', `ddnc/${slot}/${made}`)]
        return [slot, tf.keep(native.executeSingleOutput('VarHandleOp', attributes, []))]
      }),
    ) as Record<Slot, Tensor>
    made++
    const replace = (tensors: SlotTensors): void => SLOTS.forEach((slot) => void assign(handles[slot], tensors[slot]))
    tf.tidy(() => replace({ weight, first: tf.zerosLike(weight), second: tf.zerosLike(weight) }))
    return {
      read: (slot) => native.executeSingleOutput('ReadVariableOp', [type('dtype')], [handles[slot]]),
      update: (gradient, { rate, updates }) =>
        tf.tidy(() => {
          const powers = betas.map((beta) => beta ** updates)
          // The kernel adds its ε to a root that is too small still: so does this one.
          const numbers = [...powers, rate, ...betas, epsilon * Math.sqrt(1 - powers[1])].map((x) => tf.scalar(x))
          const inputs = [...SLOTS.map((slot) => handles[slot]), ...numbers, gradient]
          const attributes = [type('T'), flag('use_locking'), flag('use_nesterov')]
          native.executeMultipleOutputs('ResourceApplyAdam', attributes, inputs, 0)
        }),
      replace: (tensors) => tf.tidy(() => replace(tensors)),
      dispose: () => {
        for (const slot of SLOTS) {
          const attributes = [{ name: 'ignore_lookup_error', type: TF_ATTR_BOOL, value: true }]
          native.executeMultipleOutputs('DestroyResourceOp', attributes, [handles[slot]], 0)
          handles[slot].dispose()
        }
      },
    }
  }
}
