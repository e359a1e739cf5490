/** Deflate (RFC 1951) without a wrapper: the CRC of its chunk vouches for it. */
import { deflateRaw, Inflate } from 'pako'
import { corrupt } from '../errors.js'

/** A match of 258 bytes takes at least two bits: no stream expands further. */
const MAX_RATIO = 1032

/**
 * @returns the same bytes in Node and in every browser
 * @example deflate(new Uint8Array(1000)).length // 11
 */
export const deflate = (bytes: Uint8Array): Uint8Array => deflateRaw(bytes, { level: 9 })

/**
 * Inflates a stream that must hold exactly `length` bytes, with nothing behind it.
 * A length that the stream cannot reach is refused before anything is allocated, and no more is inflated than that.
 * @param length bytes, judged by the caller's own limit
 * @param where what the stream is, for the error
 * @throws {DdncError} Corrupt: no deflate stream, another length, bytes behind its end
 * @example inflate(deflate(Uint8Array.of(1, 2, 3)), 3, 'the alpha chunk') // [1, 2, 3]
 */
export function inflate(bytes: Uint8Array, length: number, where: string): Uint8Array {
  const allowed = `a deflate stream of ${length} bytes`
  const refuse = (found: string): never => {
    throw corrupt(where, found, allowed)
  }
  if (length > bytes.length * MAX_RATIO) refuse('a shorter one')
  const inflated = new Uint8Array(length)
  let filled = 0
  const stream = new Inflate({ raw: true })
  stream.onData = (piece) => {
    if (filled + piece.length > length) refuse('a longer one')
    inflated.set(piece, filled)
    filled += piece.length
  }
  // The last byte alone: a stream that has ended before it leaves bytes behind.
  stream.push(bytes.subarray(0, -1))
  if (stream.ended) refuse(stream.err === 0 ? 'one with bytes behind its end' : 'damaged')
  stream.push(bytes.subarray(-1), true)
  if (stream.err !== 0) refuse('damaged')
  if (filled < length) refuse('a shorter one')
  return inflated
}
