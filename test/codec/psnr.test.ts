import { expect, test } from 'vitest'
import { psnr } from '../../src/codec/psnr.js'

test('PSNR of literal samples', () => {
  // One of two samples off by 255: mean squared error 255² / 2, 10·log10(2) dB
  expect(psnr(Uint8Array.of(0, 0), Uint8Array.of(0, 255))).toBeCloseTo(3.0103, 4)
  // Off by one everywhere: 10·log10(65025) dB
  expect(psnr(Uint8Array.of(7, 8, 9), Uint8Array.of(8, 7, 10))).toBeCloseTo(48.1308, 4)
  expect(psnr(Uint8Array.of(5), Uint8Array.of(5))).toBe(Infinity)
})

test('PSNR of pictures of different sizes is refused', () => {
  const different = () => psnr(new Uint8Array(3), new Uint8Array(4))
  expect(different).toThrow(expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption' }) }))
})

test('PSNR leaves out what alpha hides', () => {
  const other = Uint8Array.of(8, 9, 10, 200, 0, 77)
  // Off by one in the first pixel, anything in the second.
  expect(psnr(Uint8Array.of(7, 8, 9, 1, 2, 3), other, Uint8Array.of(1, 0))).toBeCloseTo(48.1308, 4)
  expect(psnr(Uint8Array.of(7), Uint8Array.of(200), Uint8Array.of(0))).toBe(Infinity)
})
