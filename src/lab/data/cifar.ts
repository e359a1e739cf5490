/** The binary version of CIFAR-10 (cs.toronto.edu/~kriz/cifar.html): records of a label and planes R, G, B of 32×32. */
import { corrupt, DdncError } from '../../errors.js'
import { sharedBytes, type PictureSet } from './pictureSet.js'

const SIDE = 32
const PIXELS = SIDE * SIDE
const RECORD = 1 + 3 * PIXELS
const CLASSES = 10

/**
 * @param bytes a whole file, not compressed: one or more records of 3,073 bytes
 * @param what name of the file, for errors
 * @throws {DdncError} Truncated: no whole number of records; Corrupt: a label over 9
 * @example readCifar(bytes, 'data_batch_1.bin').count // 10000
 */
export function readCifar(bytes: Uint8Array, what: string): PictureSet {
  const count = Math.ceil(bytes.length / RECORD)
  if (count === 0 || bytes.length !== count * RECORD) {
    throw new DdncError({ tag: 'Truncated', where: what, needed: Math.max(1, count) * RECORD, have: bytes.length })
  }
  const data = sharedBytes(count * 3 * PIXELS)
  const labels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const label = bytes[i * RECORD]
    if (label >= CLASSES) throw corrupt(`label ${i} of ${what}`, `${label}`, `0…${CLASSES - 1}`)
    labels[i] = label
    for (let at = 0; at < 3 * PIXELS; at++) {
      const [plane, pixel] = [Math.floor(at / PIXELS), at % PIXELS]
      data[(i * PIXELS + pixel) * 3 + plane] = bytes[i * RECORD + 1 + at]
    }
  }
  return { width: SIDE, height: SIDE, components: 3, count, data, labels }
}
