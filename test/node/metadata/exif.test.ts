import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uprightExif, withoutGps } from '../../../src/node/metadata/exif.js'
import { sampleExif } from './samples.js'

const sides = { width: 480, height: 640 }
/** Offsets at which two arrays of one length differ. */
const changedAt = (a: Uint8Array, b: Uint8Array) => [...a.keys()].filter((at) => a[at] !== b[at])

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('%s EXIF', (_, little) => {
  const exif = sampleExif(little)
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset)

  test('upright: orientation 1 and the sides as they are now, in place, and nothing else', () => {
    const changed = uprightExif(exif, sides)
    expect(view(changed).getUint16(10 + 12 + 8, little)).toBe(1)
    expect(view(changed).getUint32(104 + 24 + 8, little)).toBe(480)
    expect(view(changed).getUint16(104 + 36 + 8, little)).toBe(640)
    const fields = [30, 31, 136, 137, 138, 139, 148, 149]
    expect(changedAt(exif, changed).filter((at) => !fields.includes(at))).toEqual([])
    expect(exif).toEqual(sampleExif(little))
  })

  test('without its place: values and list are gone, the pointer too, the rest stays', () => {
    const changed = withoutGps(exif)!
    expect(view(changed).getUint16(8, little)).toBe(5)
    expect([...changed.subarray(10, 70)]).toEqual([...exif.subarray(10, 70)])
    expect([...changed.subarray(70, 86)]).toEqual(Array(16).fill(0))
    expect([...changed.subarray(86, 172)]).toEqual([...exif.subarray(86, 172)])
    expect([...changed.subarray(172)]).toEqual(Array(54).fill(0))
    expect(withoutGps(changed)).toEqual(changed)
  })

  test('a place that is not where the pointer says cannot be taken out', () => {
    const astray = exif.slice()
    view(astray).setUint32(10 + 60 + 8, 5000, little)
    expect(withoutGps(astray)).toBeNull()
    const wrongType = exif.slice()
    view(wrongType).setUint16(10 + 60 + 2, 99, little)
    expect(withoutGps(wrongType)).toBeNull()
    expect(withoutGps(exif.subarray(0, 150))).toBeNull() // the details are cut
  })
})

test('what is no EXIF is left alone, and has no place that could be told', () => {
  const text = new TextEncoder().encode('no EXIF at all')
  expect(uprightExif(text, sides)).toEqual(text)
  expect(withoutGps(text)).toBeNull()
})

/** Anything, and sound structures with a few bytes changed and the end cut. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(225), fc.nat(255)), { maxLength: 6 }),
      fc.integer({ min: 0, max: 226 }),
    )
    .map(([little, changes, length]) => {
      const exif = sampleExif(little)
      for (const [at, value] of changes) exif[at] = value
      return exif.subarray(0, length)
    }),
)

test('arbitrary bytes come back, as long as they were, and never as an error', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const before = bytes.slice()
      expect(uprightExif(bytes, sides).length).toBe(bytes.length)
      expect(withoutGps(bytes)?.length ?? bytes.length).toBe(bytes.length)
      expect(bytes).toEqual(before)
    }),
    { numRuns: 3000 },
  )
})
