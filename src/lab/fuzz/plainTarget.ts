/** Fuzzing of paths (SPEC 9.1): any bytes are choices or refused, and choices come back. */
import { joinBytes } from '../../format/bytes.js'
import { packPath, pathBits, unpackPath } from '../../format/plain.js'
import { bytesOf, changed, once, pick, type Draw } from './draw.js'
import { attempt, equalBytes, hold, type Target } from './target.js'

/** Before the path: K − 2 and the number of choices, two bytes each, of which some bits count. */
const PRELUDE = 4

const openPrelude = (bytes: Uint8Array): { K: number; length: number } => ({
  K: 2 + Math.min(bytes[0] * 256 + bytes[1], 65534),
  length: (bytes[2] * 256 + bytes[3]) & 1023,
})

function make(draw: Draw): Uint8Array {
  const prelude = Uint8Array.of(draw(once(draw, 4) ? 255 : 1), draw(255), once(draw, 9) ? draw(3) : 0, draw(255))
  const { K, length } = openPrelude(prelude)
  if (once(draw, 3)) return joinBytes([prelude, bytesOf(draw, Math.ceil(pathBits(K, length) / 8) + 1)])
  const path = Array.from({ length }, () => pick(draw, [0, draw(K - 1), K - 1]))
  const packed = packPath(path, K)
  return joinBytes([prelude, once(draw, 2) ? changed(draw, packed) : packed])
}

function run(bytes: Uint8Array): string {
  if (bytes.length < PRELUDE) return 'nothing'
  const { K, length } = openPrelude(bytes)
  const packed = bytes.subarray(PRELUDE)
  const whole = attempt(() => unpackPath(packed, K, length))
  if (whole.value !== null) hold(equalBytes(packPath(whole.value, K), packed), 'a path is packed as it was')
  const half = attempt(() => unpackPath(packed.subarray(0, packed.length >> 1), K, length, { partial: true }))
  if (whole.value !== null) {
    hold(half.value !== null, 'half of a path is choices')
    hold(
      half.value!.every((choice, i) => choice === whole.value[i]),
      'they are the first ones',
    )
  }
  return whole.tag ?? 'path'
}

export const plain: Target = { name: 'plain', bound: 1000, make, run }
