/** Pictures that claim more pixels than they may: refused by their header, before anything is allocated. */
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { crc32 } from '../../src/format/crc32.js'
import { readPicture } from '../../src/node/readPicture.js'

const flat = sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 10, g: 200, b: 30 } } })

/** Where a marker of these bytes begins. */
function find(file: Buffer, marker: string): number {
  const at = file.indexOf(marker, 0, 'latin1')
  expect(at).toBeGreaterThanOrEqual(0)
  return at
}

const LIARS: Readonly<Record<string, () => Promise<Buffer>>> = {
  async PNG() {
    const file = await flat.clone().png().toBuffer()
    file.writeUInt32BE(32_000, 16)
    file.writeUInt32BE(32_000, 20)
    file.writeUInt32BE(crc32(file.subarray(12, 29)), 29)
    return file
  },
  async JPEG() {
    const file = await flat.clone().jpeg().toBuffer()
    const start = find(file, '\xff\xc0')
    file.writeUInt16BE(65_000, start + 5)
    file.writeUInt16BE(65_000, start + 7)
    return file
  },
  async WebP() {
    const file = await flat.clone().webp().toBuffer()
    const start = find(file, '\x9d\x01\x2a')
    file.writeUInt16LE(16_383, start + 3)
    file.writeUInt16LE(16_383, start + 5)
    return file
  },
  async TIFF() {
    const file = await flat.clone().tiff({ compression: 'none' }).toBuffer()
    expect(file.toString('latin1', 0, 2)).toBe('II')
    const list = file.readUInt32LE(4)
    for (let entry = 0; entry < file.readUInt16LE(list); entry++) {
      const at = list + 2 + 12 * entry
      // Width and height, SHORT or LONG.
      if ([256, 257].includes(file.readUInt16LE(at))) file.writeUInt16LE(32_000, at + 8)
    }
    return file
  },
  async GIF() {
    const file = await flat.clone().gif().toBuffer()
    // A screen so large is taken for a mistake, unless the frame is as large.
    for (const at of [6, find(file, '\x2c\0\0\0\0') + 5]) {
      file.writeUInt16LE(65_000, at)
      file.writeUInt16LE(65_000, at + 2)
    }
    return file
  },
  async AVIF() {
    const file = await flat.clone().avif({ effort: 0 }).toBuffer()
    const start = find(file, 'ispe')
    file.writeUInt32BE(32_000, start + 8)
    file.writeUInt32BE(32_000, start + 12)
    return file
  },
}

test.each(Object.keys(LIARS))('%s', async (format) => {
  const file = await LIARS[format]()
  await readPicture(await flat.clone().png().toBuffer()) // what sharp takes for itself
  const before = process.memoryUsage.rss()
  // AVIF: libheif sees by itself that its parts contradict each other. WebP: its largest picture is within the limit.
  const tags = ['AVIF', 'WebP'].includes(format) ? /^(LimitExceeded|Corrupt)$/ : /^LimitExceeded$/
  await expect(readPicture(file)).rejects.toMatchObject({ fault: { tag: expect.stringMatching(tags) } })
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 26) // 10^9 pixels were 3 GB
})

test('a limit below that of the format', async () => {
  const file = await flat.clone().png().toBuffer()
  await expect(readPicture(file, { maxPixels: 4095 })).rejects.toMatchObject({
    fault: { tag: 'LimitExceeded', value: 4096, limit: 4095 },
  })
  expect((await readPicture(file, { maxPixels: 4096 })).picture.width).toBe(64)
})
