/** Many pictures of one size, with or without labels: what whole-image models are trained and measured on. */
import { DdncError } from '../../errors.js'
import type { Picture } from '../../network/picture.js'

export type PictureSet = Readonly<{
  width: number
  height: number
  components: 1 | 3
  count: number
  /** [count, height, width, components], in memory that other threads see without a copy. */
  data: Uint8Array
  /** [count], classes from 0; null: none are known. */
  labels: Uint8Array | null
}>

/** What is trained on, and what is measured on; null: none. */
export type Parts = Readonly<{ training: PictureSet; test: PictureSet | null }>

/**
 * A picture of a set, without a copy.
 * @param i 0 … count − 1
 * @example pictureAt(set, 0).width // 28
 */
export function pictureAt({ width, height, components, data }: PictureSet, i: number): Picture {
  const samples = width * height * components
  return { width, height, components, data: data.subarray(i * samples, (i + 1) * samples) }
}

/** Zeros in memory that other threads see without a copy. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))

/**
 * Pictures as a set.
 * @param pictures at least one, all of one size and number of components
 * @throws {DdncError} BadOption: none, or of several sizes
 * @example setOf([picture], null).count // 1
 */
export function setOf(pictures: readonly Picture[], labels: readonly number[] | null): PictureSet {
  const [first] = pictures
  if (!first) throw new DdncError({ tag: 'BadOption', option: 'the pictures', found: 'none', allowed: 'one or more' })
  const { width, height, components } = first
  const samples = width * height * components
  const data = sharedBytes(pictures.length * samples)
  pictures.forEach((picture, i) => {
    if (sizeText(picture) !== sizeText(first)) {
      const found = `of ${sizeText(first)} and of ${sizeText(picture)}`
      throw new DdncError({ tag: 'BadOption', option: 'the pictures', found, allowed: 'of one size' })
    }
    data.set(picture.data, i * samples)
  })
  return { width, height, components, count: pictures.length, data, labels: labels && Uint8Array.from(labels) }
}

/**
 * Sets as one, in order.
 * @param sets at least one, all of one size; labels are kept if all have them
 * @throws {DdncError} BadOption: of several sizes
 */
export function joined(sets: readonly PictureSet[]): PictureSet {
  if (sets.length === 1) return sets[0]
  const pictures = sets.flatMap((set) => Array.from({ length: set.count }, (_, i) => pictureAt(set, i)))
  const labels = sets.flatMap((set) => (set.labels ? [...set.labels] : []))
  return setOf(pictures, labels.length === pictures.length ? labels : null)
}

/** @example sizeText({ width: 28, height: 28, components: 1 }) // '28×28 in grey' */
export const sizeText = ({ width, height, components }: Pick<Picture, 'width' | 'height' | 'components'>): string =>
  `${width}×${height} in ${components === 1 ? 'grey' : 'RGB'}`
