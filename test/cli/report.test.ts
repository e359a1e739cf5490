import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitsPerPixel, oneLine, psnr, summary } from '../../src/cli/report.js'

test('bits per pixel and PSNR', () => {
  expect(bitsPerPixel(1000, 100, 80)).toBe('1.000 bits per pixel')
  expect(psnr(38.126)).toBe('PSNR 38.13 dB')
  expect(psnr(Infinity)).toBe('no difference')
})

test('a summary is one line, whatever the file is called', () => {
  expect(summary('a\nb', ['12 bytes', '0.5 s'], ['a note'])).toBe('a b: 12 bytes, 0.5 s, a note')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\u0000-\u001f\u007f]/.test(oneLine(text))))
})
