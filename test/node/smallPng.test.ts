import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { smallPng } from '../../src/node/smallPng.js'

test('one grey pixel, byte by byte', () => {
  expect(Buffer.from(smallPng(Uint8Array.of(9), { width: 1, height: 1, channels: 1 })).toString('hex')).toBe(
    '89504e470d0a1a0a' + // signature
      '0000000d49484452000000010000000108000000003a7e9b55' + // IHDR
      '0000000a49444154789c63e00400000b000ac32bee92' + // IDAT: filter 0, 9
      '0000000049454e44ae426082', // IEND
  )
})

/** sharp gives three channels for a grey one. */
const inColour = (samples: Uint8Array, channels: number): Uint8Array =>
  channels > 2
    ? samples
    : Uint8Array.from({ length: (samples.length / channels) * (channels + 2) }, (_, i) => {
        const [pixel, channel] = [Math.floor(i / (channels + 2)), i % (channels + 2)]
        return samples[pixel * channels + (channel < 3 ? 0 : 1)]
      })

test('sharp reads the samples that were written', async () => {
  const anySamples = fc
    .record({
      width: fc.integer({ min: 1, max: 20 }),
      height: fc.integer({ min: 1, max: 9 }),
      channels: fc.constantFrom(1, 2, 3, 4),
      step: fc.integer({ min: 0, max: 255 }),
      noise: fc.integer({ min: 1, max: 256 }),
    })
    .chain(({ width, height, channels, step, noise }) =>
      fc
        .array(fc.nat(noise - 1), { minLength: width * height * channels, maxLength: width * height * channels })
        .map((values) => ({
          raw: { width, height, channels: channels as 1 | 2 | 3 | 4 },
          samples: Uint8Array.from(values, (value, i) => value + Math.floor(i / channels) * step), // slopes and noise
        })),
    )
  await fc.assert(
    fc.asyncProperty(anySamples, async ({ raw, samples }) => {
      const { data, info } = await sharp(smallPng(samples, raw)).raw().toBuffer({ resolveWithObject: true })
      expect([info.width, info.height]).toEqual([raw.width, raw.height])
      expect([...data]).toEqual([...inColour(samples, raw.channels)])
    }),
    { numRuns: 200 },
  )
})
