/** One picture to a file and back, timed and checked. */
import { lambdaOf } from '../../codec/lambda.js'
import {
  compressWithReport,
  decompress,
  DdncError,
  type CompressOptions,
  type Model,
  type Picture,
} from '../../index.js'
import { psnr } from '../../codec/psnr.js'
import type { NamedPicture } from './pictures.js'

export type RoundTrip = Readonly<{
  bytes: number
  /** Σ −log2 p of the choices. */
  bits: number
  /** Of the decoded pixels, dB. */
  psnr: number
  /** What the file decodes to. */
  decoded: Picture
  /** In process, seconds. */
  encodeSeconds: number
  decodeSeconds: number
}>

/** How a model is used. */
export type Coding = Pick<CompressOptions, 'profile' | 'search' | 'effort' | 'tune'>

/**
 * Encodes at a step of λ, decodes the file and compares with what the encoder said it would be.
 * @param step s, 0…73
 * @throws {DdncError} Corrupt if the decoder's pixels differ from the encoder's
 */
export async function roundTrip(
  { name, picture }: NamedPicture,
  model: Model,
  step: number,
  coding: Coding = {},
): Promise<RoundTrip> {
  const begun = performance.now()
  const { file, bits, reconstruction } = await compressWithReport(picture, { ...coding, model, lambda: lambdaOf(step) })
  const encoded = performance.now()
  const decoded = await decompress(file, { model })
  const decodeSeconds = (performance.now() - encoded) / 1000
  if (Buffer.compare(decoded.data, reconstruction.data) !== 0) {
    const where = `the decoded picture ${name} at s = ${step}`
    throw new DdncError({ tag: 'Corrupt', where, found: 'another than the encoder made', allowed: 'the same pixels' })
  }
  const quality = psnr(picture.data, decoded.data)
  return { bytes: file.length, bits, psnr: quality, decoded, encodeSeconds: (encoded - begun) / 1000, decodeSeconds }
}

export const bitsPerPixel = (bits: number, { width, height }: Picture): number => bits / (width * height)
