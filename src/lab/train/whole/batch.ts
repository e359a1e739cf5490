/** What a step of a whole-image network draws: pictures, and the choices that Chain Dropout makes. */
import { DdncError } from '../../../errors.js'
import type { Random } from '../../../network/uniform.js'
import { sizeText, type PictureSet } from '../../data/pictureSet.js'
import type { Tensor } from '../backend.js'
import type { Operations } from '../operations.js'
import { insideOf, type WholeImageStructure } from '../../../network/wholeStructure.js'
import { UNIT } from './candidates.js'
import type { WholeTraining } from './recipe.js'
import { deepened } from './scales.js'
import { targetsOf, type Task } from './walk.js'

export type Batch = Readonly<{
  /** Index in the set, and how it is mirrored and moved, of every picture. */
  pictures: readonly Readonly<{ index: number; mirrored: boolean; down: number; across: number }>[]
  /** Of every choice: an index of every picture, or null where the nearest is taken. */
  dropped: readonly (Int32Array | null)[]
}>

/**
 * Training data as a set that a network can be trained on.
 * @throws {DdncError} BadOption: photographs, pictures of another size, or without the labels that it needs
 */
export function pictureSetFor(
  data: object,
  whole: Pick<WholeImageStructure['whole'], 'width' | 'height' | 'components' | 'classes'>,
): PictureSet {
  const refused = (found: string, allowed: string): DdncError =>
    new DdncError({ tag: 'BadOption', option: 'the training data', found, allowed })
  if (!('count' in data)) throw refused('photographs', 'pictures of one size')
  const set = data as PictureSet
  if (sizeText(set) !== sizeText(whole)) throw refused(sizeText(set), sizeText(whole))
  if (whole.classes === 0) return set
  if (!set.labels) throw refused('without labels', 'pictures with labels: the network has classes')
  const largest = set.labels.reduce((most, label) => Math.max(most, label), 0)
  if (largest >= whole.classes) throw refused(`with the label ${largest}`, `labels of ${whole.classes} classes`)
  return set
}

/**
 * Draws with replacement, so that the state of the generator is all that a checkpoint needs. The order of draws is part of
 * what a seed means.
 * @param choices of a walk
 * @example drawBatch(set, training, 64, 10, random).pictures.length // training.batch
 */
export function drawBatch(
  { count }: Pick<PictureSet, 'count'>,
  { batch, chainDropout, data: { mirror, shift } }: Pick<WholeTraining, 'batch' | 'chainDropout' | 'data'>,
  K: number,
  choices: number,
  { next }: Random,
): Batch {
  const whole = (most: number): number => Math.floor(next() * most)
  const moved = (): number => (shift === 0 ? 0 : whole(2 * shift + 1) - shift)
  const pictures = Array.from({ length: batch }, () => ({
    index: whole(count),
    mirrored: mirror && next() < 0.5,
    down: moved(),
    across: moved(),
  }))
  const dropped = Array.from({ length: choices }, () =>
    chainDropout > 0 && next() < chainDropout ? Int32Array.from({ length: batch }, () => whole(K)) : null,
  )
  return { pictures, dropped }
}

/**
 * Pixels of some pictures, in units of 64 grey levels, 0 is grey 128.
 * @returns Float32Array[pictures, height, width, components]
 */
export function samplesOf(set: PictureSet, pictures: Batch['pictures']): Float32Array {
  const { width, height, components, data } = set
  const each = width * height * components
  const out = new Float32Array(pictures.length * each)
  const within = (x: number, side: number): number => Math.min(side - 1, Math.max(0, x))
  pictures.forEach(({ index, mirrored, down, across }, i) => {
    let to = i * each
    for (let y = 0; y < height; y++) {
      const row = index * each + within(y + down, height) * width * components
      for (let x = 0; x < width; x++) {
        const column = within((mirrored ? width - 1 - x : x) + across, width)
        for (let c = 0; c < components; c++) out[to++] = (data[row + column * components + c] - 128) / UNIT
      }
    }
  })
  return out
}

/**
 * What a walk is asked for: some pictures of a set, of their classes where the network has any.
 * @returns pixels, [pictures, height, width, components] as `samplesOf`, and what a task has of them
 */
export function wantedOf(
  ops: Operations,
  outside: WholeImageStructure['whole'],
  set: PictureSet,
  pictures: Batch['pictures'],
): { pixels: Tensor } & Pick<Task, 'targets' | 'labels'> {
  const { tf } = ops
  const { width, height, components, patch, classes } = outside
  const pixels = tf.tensor(samplesOf(set, pictures), [pictures.length, height, width, components])
  const labels = set.labels && classes > 0 ? pictures.map(({ index }) => set.labels![index]) : null
  return {
    pixels,
    targets: targetsOf(ops, insideOf(outside), deepened(ops, pixels, patch)),
    labels: labels && tf.tensor1d(labels, 'int32'),
  }
}

/** Pictures whose mean is taken. */
const MEAN_OF = 1000

/**
 * Mean of the first pictures of a set, in units of 64 grey levels around 128.
 * @returns [components]
 * @example meanOf(mnist) // about [-1.48]: mostly black
 */
export function meanOf({ width, height, components, count, data }: PictureSet): number[] {
  const samples = Math.min(count, MEAN_OF) * width * height * components
  const sums = new Array<number>(components).fill(0)
  for (let i = 0; i < samples; i++) sums[i % components] += data[i]
  return sums.map((sum) => ((sum * components) / samples - 128) / UNIT)
}
