/**
 * Weights to keep in half the bytes: `node scripts/float16.js pack WEIGHTS OUT` writes averaged weights and constants of a
 * checkpoint, or the weights of a safetensors file, as float16 (a safetensors file that any tool opens); `unpack IN OUT`
 * makes floats of 32 bits of them again, for `ddnc train --from OUT`. After `npm run build`.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { weightsOf } from '../dist/lab/train/from.js'
import { writeSafetensors } from '../dist/network/safetensors.js'

const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)

/** The nearest float16, of two as near the even one. */
function halfOf(value) {
  float[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const magnitude = Math.abs(float[0])
  if (!(magnitude < 65520)) throw new Error(`${value} is no float16`)
  // The last place of a half: 2^-24 below 2^-14, else 2^-10 of its power of two.
  const exponent = magnitude === 0 ? -14 : Math.max(-14, Math.floor(Math.log2(magnitude)))
  const steps = magnitude / 2 ** (exponent - 10)
  const rounded = Math.round(steps) - (steps % 1 === 0.5 && Math.round(steps) % 2 === 1 ? 1 : 0)
  // A carry goes into the exponent, as it should.
  return sign | (rounded < 1024 && exponent === -14 ? rounded : ((exponent + 15) << 10) + rounded - 1024)
}

function floatOf(half) {
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25)
  return half & 0x8000 ? -magnitude : magnitude
}

/** The header of a safetensors file with another name of a type of two bytes. */
function renamed(file, from, to) {
  const buffer = Buffer.from(file)
  const length = buffer.readUInt32LE(0)
  const text = buffer.toString('utf8', 8, 8 + length).replaceAll(`"dtype":"${from}"`, `"dtype":"${to}"`)
  buffer.write(text, 8)
  return buffer
}

const [what, input, output] = process.argv.slice(2)
const file = output && (await readFile(input))
if (what === 'pack' && file) {
  const halves = [...weightsOf(file).weights].map(([name, { shape, data }]) => [
    name,
    { shape, data: Uint16Array.from(data, halfOf) },
  ])
  await writeFile(output, renamed(writeSafetensors({}, new Map(halves)), 'U16', 'F16'))
} else if (what === 'unpack' && file) {
  const { weights } = weightsOf(renamed(file, 'F16', 'U16'))
  const floats = [...weights].map(([name, { shape, data }]) => [
    name,
    { shape, data: Float32Array.from(data, floatOf) },
  ])
  await writeFile(output, writeSafetensors({}, new Map(floats)))
} else {
  console.error('usage: node scripts/float16.js pack|unpack IN OUT')
  process.exitCode = 2
}
