import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { crc32 } from '../../src/format/crc32.js'
import { readPicture, writePicture, type PictureFormat } from '../../src/node/picture.js'

/** A picture file of the given samples, 8 bits unless Uint16Array. */
function file(samples: Uint8Array | Uint16Array, width: number, height: number, channels: 1 | 2 | 3 | 4) {
  return sharp(samples, { raw: { width, height, channels } })
}

const fault = (tag: string, more: object = {}) => ({ fault: expect.objectContaining({ tag, ...more }) })

/** Red, green, blue and a fourth pixel in a row. */
const FOUR = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30)

describe('colour and grey', () => {
  test('an RGB PNG gives its own samples', async () => {
    const { picture, notes } = await readPicture(await file(FOUR, 4, 1, 3).png().toBuffer())
    expect(picture).toEqual({ width: 4, height: 1, components: 3, data: FOUR })
    expect(notes).toEqual([])
  })

  test('grey has one component, stored as grey or as RGB', async () => {
    const grey = Uint8Array.of(0, 7, 128, 255, 3, 90)
    const rgb = Uint8Array.from([...grey].flatMap((value) => [value, value, value]))
    const files = [
      file(grey, 3, 2, 1).toColourspace('b-w').png(),
      file(rgb, 3, 2, 3).png(),
      file(grey, 3, 2, 1).toColourspace('b-w').tiff({ compression: 'deflate' }),
    ]
    for (const made of files) {
      const { picture } = await readPicture(await made.toBuffer())
      expect(picture).toEqual({ width: 3, height: 2, components: 1, data: grey })
    }
  })

  test('a palette of greys is grey', async () => {
    const black = await file(new Uint8Array(12), 2, 2, 3).png({ palette: true }).toBuffer()
    expect((await sharp(black).metadata()).isPalette).toBe(true)
    expect((await readPicture(black)).picture).toEqual({ width: 2, height: 2, components: 1, data: new Uint8Array(4) })
  })

  test('a Display P3 profile is converted to sRGB', async () => {
    const inSrgb = Uint8Array.of(200, 100, 50)
    // Stored with its numbers in P3: other numbers, the same colour.
    const bytes = await file(inSrgb, 1, 1, 3).withIccProfile('p3').png().toBuffer()
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer()
    expect(Math.abs(stored[0] - 200)).toBeGreaterThan(5)
    const { picture } = await readPicture(bytes)
    for (const at of [0, 1, 2]) expect(Math.abs(picture.data[at] - inSrgb[at])).toBeLessThanOrEqual(2)
  })

  test('CMYK becomes sRGB', async () => {
    const red = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at % 3 === 0 ? 220 : 30))
    const bytes = await file(red, 16, 16, 3).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer()
    expect((await sharp(bytes).metadata()).space).toBe('cmyk')
    const { picture } = await readPicture(bytes)
    expect(picture.components).toBe(3)
    expect(picture.data[0]).toBeGreaterThan(150)
    expect(picture.data[1]).toBeLessThan(90)
  })

  test('CMYK with a profile goes through it', async () => {
    const red = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at % 3 === 0 ? 200 : 60))
    const bytes = await file(red, 16, 16, 3)
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .toBuffer()
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk', hasProfile: true })
    const { picture } = await readPicture(bytes)
    // The profile's tables and two intents lie between; lcms itself gives 197, 47, 51.
    for (const at of [0, 1, 2]) expect(Math.abs(picture.data[at] - red[at])).toBeLessThanOrEqual(18)
  })

  test('Lab becomes sRGB', async () => {
    const bytes = await file(FOUR, 4, 1, 3).toColourspace('lab').tiff({ compression: 'deflate' }).toBuffer()
    expect((await sharp(bytes).metadata()).space).toBe('lab')
    const { picture } = await readPicture(bytes)
    expect(picture).toMatchObject({ width: 4, height: 1, components: 3 })
    for (const [at, value] of FOUR.entries()) expect(Math.abs(picture.data[at] - value)).toBeLessThanOrEqual(3)
  })

  test('a palette of colours, interlaced or not', async () => {
    for (const progressive of [false, true]) {
      const bytes = await file(FOUR, 4, 1, 3).png({ palette: true, progressive }).toBuffer()
      expect(await sharp(bytes).metadata()).toMatchObject({ isPalette: true, isProgressive: progressive })
      expect((await readPicture(bytes)).picture).toMatchObject({ components: 3, data: FOUR })
    }
  })

  test('interlaced PNG and progressive JPEG', async () => {
    const grey = Uint8Array.from({ length: 20 * 9 }, (_, at) => at)
    const png = await file(grey, 20, 9, 1).toColourspace('b-w').png({ progressive: true }).toBuffer()
    expect((await readPicture(png)).picture.data).toEqual(grey)
    const jpeg = await file(grey, 20, 9, 1).jpeg({ progressive: true, quality: 100 }).toBuffer()
    expect((await sharp(jpeg).metadata()).isProgressive).toBe(true)
    expect((await readPicture(jpeg)).picture).toMatchObject({ width: 20, height: 9, components: 1 })
  })

  test('one bit a sample', async () => {
    const black = Uint8Array.of(0, 255, 255, 0)
    const png = await file(black, 2, 2, 1).toColourspace('b-w').png({ palette: true, colours: 2 }).toBuffer()
    expect((await sharp(png).metadata()).bitsPerSample).toBe(1)
    const tiff = await file(black, 2, 2, 1).toColourspace('b-w').tiff({ bitdepth: 1, compression: 'none' }).toBuffer()
    for (const bytes of [png, tiff])
      expect((await readPicture(bytes)).picture).toMatchObject({ components: 1, data: black })
  })

  test('16 bits are reduced to 8, and said', async () => {
    const deep = Uint16Array.of(0, 257, 257 * 100, 65535, 257 * 7, 40000)
    const bytes = await file(deep, 2, 1, 3).toColourspace('rgb16').png().toBuffer()
    const { picture, notes } = await readPicture(bytes)
    expect([...picture.data]).toEqual([0, 1, 100, 255, 7, 156])
    expect(notes).toEqual(['16 bits a sample reduced to 8'])
  })

  test('of several frames the first is taken, and said', async () => {
    const frames = Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255)
    const bytes = await sharp(frames, { raw: { width: 2, height: 2, channels: 3, pageHeight: 1 } })
      .gif()
      .toBuffer()
    const { picture, notes } = await readPicture(bytes)
    expect(picture).toMatchObject({ width: 2, height: 1 })
    expect(notes).toEqual(['the first of 2 frames'])
    const second = await readPicture(bytes, { frame: 2 })
    expect([...second.picture.data]).toEqual([0, 0, 255, 0, 0, 255])
    expect(second.notes).toEqual(['frame 2 of 2'])
    for (const frame of [0, 3, 1.5])
      await expect(readPicture(bytes, { frame })).rejects.toMatchObject(fault('BadOption', { option: '--frame' }))
  })

  test('a picture of one frame has that one', async () => {
    const bytes = await file(FOUR, 4, 1, 3).png().toBuffer()
    expect((await readPicture(bytes, { frame: 1 })).picture.data).toEqual(FOUR)
    await expect(readPicture(bytes, { frame: 2 })).rejects.toMatchObject(fault('BadOption', { allowed: '1…1 here' }))
  })
})

describe('what a model of one size wants', () => {
  const grey = Uint8Array.from({ length: 32 }, (_, i) => i * 8)

  test('a size is covered, and the rest is cut at both ends', async () => {
    const wide = await file(grey, 8, 4, 1).toColourspace('b-w').png().toBuffer()
    const { picture, notes } = await readPicture(wide, { size: { width: 4, height: 4 } })
    const columns = Array.from({ length: 4 }, (_, y) => [...grey.subarray(y * 8 + 2, y * 8 + 6)]).flat()
    expect(picture).toEqual({ width: 4, height: 4, components: 1, data: Uint8Array.from(columns) })
    expect(notes).toEqual(['resized from 8 x 4'])
    const own = await readPicture(wide, { size: { width: 8, height: 4 } })
    expect(own).toEqual({ picture: { width: 8, height: 4, components: 1, data: grey }, notes: [] })
    const larger = await readPicture(wide, { size: { width: 30, height: 20 } })
    expect(larger.picture).toMatchObject({ width: 30, height: 20, components: 1 })
  })

  test('the size is that of the upright picture', async () => {
    const turned = await file(grey, 8, 4, 1).jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer()
    const { picture, notes } = await readPicture(turned, { size: { width: 4, height: 8 } })
    expect(picture).toMatchObject({ width: 4, height: 8 })
    expect(notes).toEqual([])
  })

  test('colour becomes grey where one component is wanted, and grey is left alone', async () => {
    const colour = await file(FOUR, 4, 1, 3).png().toBuffer()
    const { picture, notes } = await readPicture(colour, { components: 1 })
    expect(picture).toMatchObject({ width: 4, height: 1, components: 1 })
    const [red, green, blue] = picture.data
    expect(green).toBeGreaterThan(red)
    expect(red).toBeGreaterThan(blue)
    expect(notes).toEqual(['colour reduced to grey'])
    const plain = await file(grey, 8, 4, 1).toColourspace('b-w').png().toBuffer()
    expect(await readPicture(plain, { components: 1 })).toEqual({
      picture: { width: 8, height: 4, components: 1, data: grey },
      notes: [],
    })
    expect((await readPicture(plain, { components: 3 })).picture.components).toBe(1)
  })
})

describe('orientation', () => {
  // The picture is 4 by 1; where its first pixel lies after turning, and the size then.
  const turned: [orientation: number, width: number, height: number, red: number][] = [
    [1, 4, 1, 0],
    [2, 4, 1, 3],
    [3, 4, 1, 3],
    [4, 4, 1, 0],
    [5, 1, 4, 0],
    [6, 1, 4, 0],
    [7, 1, 4, 3],
    [8, 1, 4, 3],
  ]
  test.each(turned)('%i is baked in', async (orientation, width, height, red) => {
    const bytes = await file(FOUR, 4, 1, 3).withMetadata({ orientation }).png().toBuffer()
    const { picture } = await readPicture(bytes)
    expect(picture).toMatchObject({ width, height })
    expect([...picture.data.subarray(red * 3, red * 3 + 3)]).toEqual([255, 0, 0])
  })
})

describe('alpha', () => {
  const rgba = (...alphas: number[]) => Uint8Array.from(alphas.flatMap((alpha) => [200, 100, 0, alpha]))

  test('opaque alpha is dropped', async () => {
    const { picture } = await readPicture(await file(rgba(255, 255), 2, 1, 4).png().toBuffer())
    expect(picture).toEqual({ width: 2, height: 1, components: 3, data: Uint8Array.of(200, 100, 0, 200, 100, 0) })
  })

  test('grey with opaque alpha is grey', async () => {
    const bytes = await file(Uint8Array.of(9, 255, 80, 255), 2, 1, 2)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const { picture } = await readPicture(bytes)
    expect(picture).toEqual({ width: 2, height: 1, components: 1, data: Uint8Array.of(9, 80) })
  })

  test('one transparent pixel keeps it, beside the colours', async () => {
    const { picture, notes } = await readPicture(await file(rgba(255, 254), 2, 1, 4).png().toBuffer())
    const data = Uint8Array.of(200, 100, 0, 200, 100, 0)
    expect(picture).toEqual({ width: 2, height: 1, components: 3, data, alpha: Uint8Array.of(255, 254) })
    expect(notes).toEqual([])
  })

  test('a picture that is grey wherever it is seen is grey', async () => {
    const samples = Uint8Array.of(9, 9, 9, 255, 1, 2, 3, 0)
    const { picture } = await readPicture(await file(samples, 2, 1, 4).png().toBuffer())
    expect(picture).toMatchObject({ components: 1, alpha: Uint8Array.of(255, 0) })
    expect(picture.data[0]).toBe(9)
  })

  test('16 bits of it are reduced as those of the colours are', async () => {
    const deep = Uint16Array.of(257 * 200, 0, 0, 257 * 100, 0, 0, 0, 0)
    const { picture } = await readPicture(await file(deep, 2, 1, 4).toColourspace('rgb16').png().toBuffer())
    expect(picture).toMatchObject({ data: Uint8Array.of(200, 0, 0, 0, 0, 0), alpha: Uint8Array.of(100, 0) })
  })

  test('a background shows through', async () => {
    const bytes = await file(rgba(255, 0, 51), 3, 1, 4)
      .png()
      .toBuffer()
    const { picture } = await readPicture(bytes, { background: '#0000ff' })
    // 51 of 255 is one fifth: 200/5, 100/5, 255·4/5
    expect([...picture.data]).toEqual([200, 100, 0, 0, 0, 255, 40, 20, 204])
  })

  test('grey on white stays grey, grey on red does not', async () => {
    const bytes = await file(Uint8Array.of(9, 255, 80, 0), 2, 1, 2)
      .toColourspace('b-w')
      .png()
      .toBuffer()
    expect((await readPicture(bytes, { background: 'white' })).picture.data).toEqual(Uint8Array.of(9, 255))
    expect((await readPicture(bytes, { background: 'red' })).picture.components).toBe(3)
  })

  test.each(['no colour', '#12', 'rgba(0, 0, 0, 0.5)', ''])('background "%s" is refused', async (background) => {
    const reading = readPicture(await file(rgba(0), 1, 1, 4).png().toBuffer(), { background })
    await expect(reading).rejects.toMatchObject(fault('BadOption', { option: '--background' }))
  })
})

describe('bad input', () => {
  const text = (value: string) => new TextEncoder().encode(value)

  test.each(['', 'a', 'not a picture at all', '\u0000\u0000\u0000\u0000'])('%j is no picture', async (value) => {
    await expect(readPicture(text(value))).rejects.toMatchObject(fault('BadSignature'))
  })

  test.each(['png', 'jpeg', 'webp'] as const)('a %s cut in half is damaged', async (format) => {
    const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 7919) % 251)
    const whole = await file(noise, 64, 64, 3).toFormat(format).toBuffer()
    await expect(readPicture(whole.subarray(0, whole.length >> 1))).rejects.toMatchObject(fault('Corrupt'))
  })

  test('over 2^28 pixels: refused by the header alone, with its number', async () => {
    const bytes = pngOf(16384, 16385)
    const limit = { value: 16384 * 16385, limit: 2 ** 28 }
    await expect(readPicture(bytes)).rejects.toMatchObject(fault('LimitExceeded', limit))
    await expect(readPicture(pngOf(100_000, 100_000))).rejects.toMatchObject(fault('LimitExceeded', { value: 1e10 }))
  })
})

/** A PNG that claims a size and holds almost nothing. */
function pngOf(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const checked = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(checked) >>> 0, 4)
    return Buffer.concat([ends.subarray(0, 4), checked, ends.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const data = chunk('IDAT', deflateSync(Buffer.alloc(16)))
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))])
}

describe('writing', () => {
  const side = fc.integer({ min: 1, max: 9 })
  const anyPicture = fc
    .record({ width: side, height: side, components: fc.constantFrom(1, 3) })
    .chain(({ width, height, components }) => {
      const length = width * height * components
      const samples = fc.uint8Array({ minLength: length, maxLength: length })
      // One pixel at least is seen through, none is hidden.
      const plane = fc
        .array(fc.integer({ min: 1, max: 255 }), { minLength: width * height, maxLength: width * height })
        .map((values) => Uint8Array.from(values, (value, at) => (at === 0 ? Math.min(value, 254) : value)))
      return fc
        .tuple(samples, fc.option(plane))
        .map(([data, alpha]) => ({ width, height, components, data, ...(alpha && { alpha }) }))
    })
    // All-grey RGB comes back as grey: another picture object, tested above.
    .filter(({ components, data }) => components === 1 || data[0] !== data[1])

  test.each(['png', 'webp', 'tiff'] as const)('%s returns every pixel', async (format) => {
    await fc.assert(
      fc.asyncProperty(anyPicture, async (made) => {
        const picture = { ...made, components: made.components as 1 | 3 }
        expect((await readPicture(await writePicture(picture, format))).picture).toEqual(picture)
      }),
      { numRuns: 40 },
    )
  })

  const channelsOfGrey = [
    ['png', 1],
    ['jpeg', 1],
    ['tiff', 1],
    ['webp', 3],
  ] as const
  test.each(channelsOfGrey)('grey as %s has %i channels', async (format, channels) => {
    const bytes = await writePicture({ width: 2, height: 1, components: 1, data: Uint8Array.of(5, 250) }, format)
    expect(await sharp(bytes).metadata()).toMatchObject({ format, channels, width: 2, height: 1 })
  })

  const half = { width: 2, height: 1, components: 3, data: Uint8Array.of(200, 100, 0, 9, 9, 9) } as const
  const seen = { ...half, alpha: Uint8Array.of(51, 255) }

  test('JPEG has no alpha: a background, or a named error', async () => {
    await expect(writePicture(seen, 'jpeg')).rejects.toMatchObject(fault('BadOption', { option: '--background' }))
    const laid = await sharp(await writePicture(seen, 'jpeg', { background: '#0000ff' }))
      .raw()
      .toBuffer()
    expect(laid[2]).toBeGreaterThan(150)
  })

  test('a background lies behind alpha in every format', async () => {
    const { picture } = await readPicture(await writePicture(seen, 'png', { background: '#0000ff' }))
    expect(picture).toEqual({ ...half, data: Uint8Array.of(40, 20, 204, 9, 9, 9) })
    const grey = { width: 1, height: 1, components: 1, data: Uint8Array.of(0), alpha: Uint8Array.of(51) } as const
    const white = await writePicture(grey, 'png', { background: 'white' })
    expect(await sharp(white).metadata()).toMatchObject({ channels: 1 })
    expect((await readPicture(white)).picture.data).toEqual(Uint8Array.of(204))
  })

  test('alpha of another length is refused', async () => {
    const wrong = { ...half, alpha: new Uint8Array(3) }
    await expect(writePicture(wrong, 'png')).rejects.toMatchObject(fault('BadOption', { option: 'picture.alpha' }))
  })

  test('JPEG is 4:4:4', async () => {
    const bytes = await writePicture({ width: 4, height: 1, components: 3, data: FOUR }, 'jpeg')
    expect(await sharp(bytes).metadata()).toMatchObject({ chromaSubsampling: '4:4:4' })
  })

  test('a side that WebP cannot hold is refused', async () => {
    const wide = { width: 16_384, height: 1, components: 1, data: new Uint8Array(16_384) } as const
    await expect(writePicture(wide, 'webp')).rejects.toMatchObject(fault('LimitExceeded', { limit: 16_383 }))
  })

  test('pixels that do not fit the sides are refused', async () => {
    const picture = { width: 2, height: 2, components: 3, data: new Uint8Array(11) } as const
    await expect(writePicture(picture, 'png')).rejects.toMatchObject(fault('BadOption'))
  })

  test('an unknown format is refused', async () => {
    const picture = { width: 1, height: 1, components: 1, data: new Uint8Array(1) } as const
    await expect(writePicture(picture, 'bmp' as PictureFormat)).rejects.toMatchObject(fault('BadOption'))
  })
})
