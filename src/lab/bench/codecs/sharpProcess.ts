/** One file by one of sharp's codecs, as a whole process: `encode USE QUALITY IN OUT` or `decode IN OUT`. */
import { encoded, SHARP_USES } from './sharpUses.js'

const { default: sharp } = await import('sharp')
sharp.concurrency(1)
const [what, ...rest] = process.argv.slice(2)
if (what === 'encode') {
  const [id, quality, input, output] = rest
  const use = SHARP_USES.find((candidate) => candidate.id === id)!
  await encoded(sharp(input).removeAlpha(), use, Number(quality)).toFile(output)
} else {
  const [input, output] = rest
  await sharp(input).png().toFile(output)
}
