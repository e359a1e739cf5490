/** IDX, the format of MNIST (yann.lecun.com): 00 00, type, number of sides, the sides (big-endian), the numbers. */
import { corrupt, DdncError, hexOf } from '../../errors.js'
import { sharedBytes, type PictureSet } from './pictureSet.js'

/** The only type that is read: bytes. */
const UNSIGNED_BYTE = 8
/** Most numbers: what a file in memory can have. */
const MAX_NUMBERS = 2 ** 30

export type Idx = Readonly<{ shape: readonly number[]; data: Uint8Array }>

/**
 * @param bytes a whole file, not compressed
 * @param what name of the file, for errors
 * @returns the sides and the bytes themselves, a view
 * @throws {DdncError} BadSignature: no IDX of bytes with 1 to 4 sides; Truncated; Corrupt: bytes behind it;
 *   LimitExceeded
 * @example readIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9), 'labels') // shape [2], data [7, 9]
 */
export function readIdx(bytes: Uint8Array, what: string): Idx {
  const sides = bytes[3] ?? 0
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || sides < 1 || sides > 4) {
    const found = bytes.length === 0 ? 'nothing, it is empty' : hexOf(bytes.subarray(0, 4), ' ')
    throw new DdncError({ tag: 'BadSignature', what: `an IDX file of bytes (${what})`, found })
  }
  const start = 4 + 4 * sides
  if (bytes.length < start) throw new DdncError({ tag: 'Truncated', where: what, needed: start, have: bytes.length })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: sides }, (_, i) => view.getUint32(4 + 4 * i))
  // Four factors below 2^32 are exact enough to compare.
  const numbers = shape.reduce((product, side) => product * side, 1)
  if (numbers > MAX_NUMBERS) {
    throw new DdncError({ tag: 'LimitExceeded', what: `the size of ${what}`, value: numbers, limit: MAX_NUMBERS })
  }
  const end = start + numbers
  if (bytes.length < end) throw new DdncError({ tag: 'Truncated', where: what, needed: end, have: bytes.length })
  if (bytes.length > end) throw corrupt(what, `${bytes.length} bytes long`, `${end}, as its sides say`)
  return { shape, data: bytes.subarray(start) }
}

/**
 * Grey pictures, and their labels.
 * @param images of shape [count, height, width]
 * @param labels of shape [count]; null: none
 * @throws {DdncError} Corrupt: other shapes
 * @example picturesOfIdx(readIdx(images, 'images'), readIdx(labels, 'labels')).count // 60000
 */
export function picturesOfIdx(images: Idx, labels: Idx | null): PictureSet {
  if (images.shape.length !== 3 || images.data.length === 0) {
    throw corrupt('the IDX file of pictures', `of shape ${images.shape.join('×')}`, 'count × height × width')
  }
  const [count, height, width] = images.shape
  if (labels && (labels.shape.length !== 1 || labels.shape[0] !== count)) {
    throw corrupt('the IDX file of labels', `of shape ${labels.shape.join('×')}`, `${count}, a label a picture`)
  }
  const data = sharedBytes(images.data.length)
  data.set(images.data)
  return { width, height, components: 1, count, data, labels: labels && Uint8Array.from(labels.data) }
}
