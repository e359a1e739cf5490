/** Pictures to training crops, as the reference cuts them: pure functions of the pictures and a random generator. */
import { DdncError } from '../../errors.js'
import type { Picture } from '../../network/picture.js'
import { randomFrom, type Random } from '../../network/uniform.js'
import type { Training } from './training.js'
import { resampled } from './resample.js'

export type NamedPicture = Readonly<{ name: string; picture: Picture }>

/** What crops are cut from. Pictures have 3 components and no side under the largest crop. */
export type Photographs = Readonly<{ photographs: readonly Picture[]; drawings: readonly Picture[] }>

/**
 * Training data that crops can be cut from.
 * @throws {DdncError} BadOption: pictures of one size, for a whole-image network
 */
export function photographsOf(data: Photographs | object): Photographs {
  if ('photographs' in data) return data
  const found = 'a set of pictures of one size'
  throw new DdncError({ tag: 'BadOption', option: 'the training data', found, allowed: 'photographs' })
}

/**
 * Pictures that crops can be cut from: grey ones as R = G = B, small ones left out.
 * @param side of the largest crop
 * @returns the pictures, and the names of those that are too small
 * @throws {DdncError} BadOption if none is left
 * @example const { pictures, tooSmall } = usable(files, 448)
 */
export function usable(files: readonly NamedPicture[], side: number): { pictures: Picture[]; tooSmall: string[] } {
  const isLarge = ({ picture: { width, height } }: NamedPicture): boolean => Math.min(width, height) >= side
  const pictures = files.filter(isLarge).map(({ picture }) => coloured(picture))
  const tooSmall = files.filter((file) => !isLarge(file)).map(({ name }) => name)
  if (pictures.length === 0) {
    const found = files.length === 0 ? 'empty' : `${files.length} pictures, all smaller`
    throw new DdncError({
      tag: 'BadOption',
      option: 'the training data',
      found,
      allowed: `pictures of ${side} or more`,
    })
  }
  return { pictures, tooSmall }
}

/** R = G = B of a grey picture; any other as it is. */
export function coloured(picture: Picture): Picture {
  if (picture.components === 3) return picture
  const data = new Uint8Array(picture.data.length * 3)
  for (let at = 0; at < data.length; at++) data[at] = picture.data[Math.floor(at / 3)]
  return { ...picture, components: 3, data }
}

/**
 * Crops of a step. Each has a random generator of its own, so that one that is another thread's need not be cut.
 * @param count of the step
 * @param side of the crops
 * @param wanted those that are cut; default: all
 * @returns Uint8Array[wanted.end − wanted.first, side, side, 3]
 * @throws {DdncError} BadOption if a picture is smaller than a crop or grey
 * @example const pixels = cropsOf(data, recipe.training.data, random, 2, 192)
 */
export function cropsOf(
  data: Photographs,
  settings: Training['data'],
  random: Random,
  count: number,
  side: number,
  wanted: Readonly<{ first: number; end: number }> = { first: 0, end: count },
): Uint8Array {
  const each = side * side * 3
  const out = new Uint8Array((wanted.end - wanted.first) * each)
  for (let i = 0; i < count; i++) {
    const own = randomFrom(random.next() * 2 ** 32)
    if (i >= wanted.first && i < wanted.end) out.set(cropOf(data, settings, own, side), (i - wanted.first) * each)
  }
  return out
}

/** The order of draws is part of what a seed means. */
function cropOf(
  { photographs, drawings }: Photographs,
  settings: Training['data'],
  random: Random,
  side: number,
): Uint8Array {
  const { next } = random
  const whole = (count: number): number => Math.floor(next() * count)
  const isDrawing = next() < settings.drawings && drawings.length > 0
  const pictures = isDrawing ? drawings : photographs
  const picture = pictures[whole(pictures.length)]
  const { width, height } = picture
  if (picture.components !== 3 || Math.min(width, height) < side) {
    const found = `${width}×${height} of ${picture.components} components`
    throw new DdncError({
      tag: 'BadOption',
      option: 'a training picture',
      found,
      allowed: `3 components, ${side} or more`,
    })
  }
  const isShrunk = next() < settings.shrink
  const factor = isShrunk ? settings.smallest + (1 - settings.smallest) * next() : 1
  const from = Math.min(Math.floor(side / factor), width, height)
  const [top, left] = [whole(height - from + 1), whole(width - from + 1)]
  const crop = from === side ? cut(picture, left, top, side) : resampled(picture, left, top, from, side)
  if (next() < settings.tone)
    changeTone(
      crop,
      0.7 + 0.7 * next(),
      [next(), next(), next()].map((x) => 0.8 + 0.2 * x),
    )
  const isMirrored = next() < 0.5
  const isTransposed = next() < 0.5
  return turned(crop, side, isMirrored, isTransposed)
}

/**
 * A square of a picture of 3 components.
 * @returns Uint8Array[side, side, 3]
 */
export function cut({ width, data }: Picture, left: number, top: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    const from = ((top + y) * width + left) * 3
    out.set(data.subarray(from, from + side * 3), y * side * 3)
  }
  return out
}

/** In place: (x / 255)^gamma · gain of the component. */
function changeTone(crop: Uint8Array, gamma: number, gains: readonly number[]): void {
  // 0 ≤ gain ≤ 1: never over 255.
  const tables = gains.map((gain) =>
    Uint8Array.from({ length: 256 }, (_, x) => Math.round((x / 255) ** gamma * gain * 255)),
  )
  for (let at = 0; at < crop.length; at++) crop[at] = tables[at % 3][crop[at]]
}

/**
 * Mirrored left to right, then rows and columns exchanged.
 * @param crop Uint8Array[side, side, 3]
 * @example turned(Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4), 2, true, false) // 2 2 2 1 1 1 4 4 4 3 3 3
 */
export function turned(crop: Uint8Array, side: number, isMirrored: boolean, isTransposed: boolean): Uint8Array {
  if (!isMirrored && !isTransposed) return crop
  const out = new Uint8Array(crop.length)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [row, column] = isTransposed ? [x, y] : [y, x]
      const from = (row * side + (isMirrored ? side - 1 - column : column)) * 3
      const to = (y * side + x) * 3
      out[to] = crop[from]
      out[to + 1] = crop[from + 1]
      out[to + 2] = crop[from + 2]
    }
  }
  return out
}
