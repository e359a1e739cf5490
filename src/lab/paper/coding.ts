/** Pictures of a set as paths of a whole-image model, and what is left after each choice: an encoder's own walk. */
import type { Engine } from '../../engine/engine.js'
import { nearest, recording, replay } from '../../network/guides.js'
import type { Picture } from '../../network/picture.js'
import { walk } from '../../network/walk.js'
import { stepsOf, type WholeImageModel } from '../../network/wholeModel.js'
import { pixelsOf, targetOf } from '../../network/wholePicture.js'
import { openWholeWalk } from '../../network/wholeWalk.js'
import { pictureAt, type PictureSet } from '../data/pictureSet.js'
import type { Paths } from './paths.js'

export type Coded = Readonly<{
  paths: Paths
  /** Mean squared error of the pixels after each choice: [count, length]. */
  errors: Float32Array
}>

/**
 * Codes some pictures of a set, each at its own class where the model has classes and the set has labels.
 * @param engine made for this model
 * @param set of the model's size and number of components
 * @param length choices made, 1…L: the first ones
 * @param onPicture called after each
 * @example codePictures(engine, model, digits, 0, 100).paths.choices.length // 100·L
 */
export function codePictures(
  engine: Engine,
  model: WholeImageModel,
  set: PictureSet,
  first: number,
  end: number,
  length: number = stepsOf(model).length,
  onPicture: () => void = () => {},
): Coded {
  const choices = new Uint16Array((end - first) * length)
  const errors = new Float32Array((end - first) * length)
  let at = 0
  for (let i = first; i < end; i++) {
    const picture = pictureAt(set, i)
    const state = openWholeWalk(engine, model, labelAt(model, set, i), length)
    const guide = recording(
      nearest(targetOf(engine, picture, model.patch)),
      (_, { leaves }) => (choices[at] = leaves[0]),
    )
    for (const _ of walk(state, guide)) errors[at++] = meanSquaredError(picture.data, pixelsOf(state.picture()))
    onPicture()
  }
  return { paths: { K: model.K, length, choices }, errors }
}

/** The class that a picture of a set is coded at: 0 where the model has no classes, or the set no labels. */
export const labelAt = (
  { classes }: Pick<WholeImageModel, 'classes'>,
  { labels }: Pick<PictureSet, 'labels'>,
  i: number,
): number => (classes > 0 ? (labels?.[i] ?? 0) : 0)

/** Of equally many samples. @example meanSquaredError(Uint8Array.of(0, 3), Uint8Array.of(1, 3)) // 0.5 */
export function meanSquaredError(original: Uint8Array, other: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < original.length; at++) sum += (original[at] - other[at]) ** 2
  return sum / original.length
}

/**
 * The picture that a path leads to, whole or its beginning.
 * @param path at most L choices
 * @param label class of a conditional model
 * @example pictureOfPath(engine, model, [], 0).data[0] // 128: no choice is made
 */
export function pictureOfPath(engine: Engine, model: WholeImageModel, path: ArrayLike<number>, label: number): Picture {
  const { width, height, components } = model
  const state = openWholeWalk(engine, model, label, path.length)
  let made = 0
  const guide = replay({ next: (_, chosen) => (chosen.leaves[0] = path[made++]) })
  for (const _ of walk(state, guide));
  return { width, height, components, data: pixelsOf(state.picture()) }
}
