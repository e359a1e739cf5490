/** How far two pictures are apart. */
import { psnr, psnrOf } from '../../codec/psnr.js'
import { DdncError } from '../../errors.js'
import type { Picture } from '../../index.js'
import { msSsim } from './msSsim.js'

export type Comparison = Readonly<{
  width: number
  height: number
  /** 3 if one of them is in colour. */
  components: 1 | 3
  /** No difference, of alpha neither, wherever one of them is seen. */
  identical: boolean
  /** Over all samples, dB; Infinity: no difference. */
  psnr: number
  /** Of luma, 0.299 R + 0.587 G + 0.114 B, unrounded, dB. */
  psnrY: number
  /** Mean over the components; null: a side is under 161 pixels. */
  msSsim: number | null
  /** Largest difference of a sample, 0…255. */
  largestDifference: number
  /** The same of alpha. */
  largestAlphaDifference: number
}>

/**
 * Compares pictures of one size. Grey beside colour counts as colour. Where both are wholly transparent nobody sees a
 * difference: there samples do not count.
 * @throws {DdncError} BadOption: they differ in size
 * @example comparePictures(original, decoded).psnr // 34.2
 */
export function comparePictures(original: Picture, other: Picture): Comparison {
  const [one, two] = alike(original, other)
  const { width, height, components } = one
  const largestDifference = largest(one.data, two.data)
  const largestAlphaDifference = one.alpha && two.alpha ? largest(one.alpha, two.alpha) : 0
  return {
    width,
    height,
    components,
    identical: largestDifference === 0 && largestAlphaDifference === 0,
    psnr: psnr(one.data, two.data, seenOf(one, two)),
    psnrY: psnrOfLuma(one, two),
    msSsim: msSsim(one, two),
    largestDifference,
    largestAlphaDifference,
  }
}

/**
 * The differences of the samples as a picture: black where there is none.
 * @returns `amplified`: how many times as large they are shown, as much as the largest allows
 * @throws {DdncError} BadOption: the pictures differ in size
 * @example differencePicture(original, decoded).amplified // 12
 */
export function differencePicture(original: Picture, other: Picture): { picture: Picture; amplified: number } {
  const [one, two] = alike(original, other)
  const { width, height, components } = one
  const amplified = Math.floor(255 / Math.max(1, largest(one.data, two.data)))
  const data = one.data.map((value, at) => Math.abs(value - two.data[at]) * amplified)
  return { picture: { width, height, components, data }, amplified }
}

/** Equal in components and in having alpha, and black where neither is seen. */
function alike(original: Picture, other: Picture): [Picture, Picture] {
  const [found, allowed] = [other, original].map(({ width, height }) => `${width} x ${height}`)
  if (found !== allowed) throw new DdncError({ tag: 'BadOption', option: 'the other picture', found, allowed })
  const components = original.components === other.components ? original.components : 3
  const transparent = original.alpha !== undefined || other.alpha !== undefined
  const seen = transparent ? seenOf(original, other) : undefined
  return [original, other].map(({ width, height, components: own, data, alpha }): Picture => {
    const pixels = width * height
    const samples = new Uint8Array(pixels * components)
    for (let at = 0; at < samples.length; at++) {
      const pixel = Math.floor(at / components)
      if (seen === undefined || seen[pixel] > 0) samples[at] = data[own === 1 ? pixel : at]
    }
    return {
      width,
      height,
      components,
      data: samples,
      ...(transparent && { alpha: alpha ?? new Uint8Array(pixels).fill(255) }),
    }
  }) as [Picture, Picture]
}

/** Where at least one is not wholly transparent; none where both are opaque. */
function seenOf({ alpha: one }: Picture, { alpha: two }: Picture): Uint8Array | undefined {
  return one && two ? one.map((value, at) => Math.max(value, two[at])) : undefined
}

function largest(one: Uint8Array, two: Uint8Array): number {
  let most = 0
  for (let at = 0; at < one.length; at++) most = Math.max(most, Math.abs(one[at] - two[at]))
  return most
}

const LUMA = [0.299, 0.587, 0.114] as const

/** 10·log10(255² / mean squared error of luma), over the pixels that are seen. */
function psnrOfLuma(one: Picture, two: Picture): number {
  const { width, height, components } = one
  if (components === 1) return psnr(one.data, two.data, seenOf(one, two))
  const seen = seenOf(one, two)
  let squares = 0
  let count = 0
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (seen?.[pixel] === 0) continue
    let error = 0
    for (let c = 0; c < 3; c++) error += LUMA[c] * (one.data[pixel * 3 + c] - two.data[pixel * 3 + c])
    squares += error * error
    count += 1
  }
  return psnrOf({ squares, seen: count })
}
