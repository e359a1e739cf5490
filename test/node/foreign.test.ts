import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { refuseForeign } from '../../src/node/foreign.js'
import { readPicture } from '../../src/node/picture.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>'

test.each<[string, Uint8Array, RegExp]>([
  ['SVG', bytes(svg), /an SVG drawing/],
  ['SVG with a prolog', bytes(`\ufeff<?xml version="1.0"?>\n<!-- drawn -->\n${svg}`), /an SVG drawing/],
  ['SVG with a prefix', bytes('<s:svg xmlns:s="http://www.w3.org/2000/svg"/>'), /an SVG drawing/],
  ['SVG in UTF-16', new Uint8Array(Buffer.from(`\ufeff${svg}`, 'utf16le')), /an SVG drawing/],
  ['compressed SVG', new Uint8Array(gzipSync(svg)), /BadSignature|drawing|bytes 1f 8b/],
  ['PDF', bytes('%PDF-1.7\n%âãÏÓ\n'), /a PDF document/],
  ['a .ddn file', Uint8Array.of(0xdd, 0x4e, 0x0d, 0x0a, 0), /the signature of a \.ddn file; decode it$/],
  ['nothing', new Uint8Array(0), /it is empty/],
])('%s is refused by its name', async (_, file, message) => {
  const reading = readPicture(file)
  await expect(reading).rejects.toMatchObject({ fault: expect.objectContaining({ tag: 'BadSignature' }) })
  await expect(reading).rejects.toThrow(message)
})

test('other text is left to the reader', () => {
  expect(() => refuseForeign(bytes('<html><p>svg</p></html>'))).not.toThrow()
  expect(() => refuseForeign(Uint8Array.of(0x89, 0x50, 0x4e, 0x47))).not.toThrow()
})
