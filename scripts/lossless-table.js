/**
 * Sizes of `--lossless` beside PNG and WebP, after `npm run build`; every file is decoded and compared.
 *
 *   node scripts/lossless-table.js FOLDER [--model photo] [--qualities 60] [--crop 256]
 *
 * PNG: sharp at compression level 9, the smaller of with and without adaptive filtering. WebP: lossless, effort 6, quality
 * 100. With --crop of every picture the square of that side at its middle. Pictures as 8-bit RGB or grey, without alpha and metadata. Exit code 1 if a file is not exact.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { compressWithReport, decompress, readPicture, shippedModel } from '../dist/node.js'
import { pictureNames } from '../dist/node/picture.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'photo' },
    qualities: { type: 'string', default: '60' },
    crop: { type: 'string' },
  },
})
const [folder] = positionals
const qualities = values.qualities.split(',').map(Number)
const model = await shippedModel(values.model)
const row = (cells) => console.log(`| ${cells.join(' | ')} |`)

async function cropped(bytes) {
  if (values.crop === undefined) return bytes
  const { width, height } = await sharp(bytes).metadata()
  const side = Math.min(Number(values.crop), width, height)
  const [left, top] = [(width - side) >> 1, (height - side) >> 1]
  return sharp(bytes).extract({ left, top, width: side, height: side }).png().toBuffer()
}

row(['picture', 'pixels', 'PNG', 'WebP', ...qualities.map((quality) => `ddnc, -q ${quality}`)])
row(['---', '---', '---', '---', ...qualities.map(() => '---')])
const sums = [0, 0, 0, ...qualities.map(() => 0)]
let wrong = 0
for (const name of await pictureNames(folder)) {
  const { picture } = await readPicture(await cropped(await readFile(join(folder, name))), { background: 'white' })
  const { width, height, components, data } = picture
  const raw = sharp(data, { raw: { width, height, channels: components } })
  const plain = components === 1 ? raw.toColourspace('b-w') : raw
  const bytesOf = async (encoded) => (await encoded.toBuffer()).length
  const png = (adaptiveFiltering) => bytesOf(plain.clone().png({ compressionLevel: 9, adaptiveFiltering }))
  const sizes = [
    Math.min(await png(true), await png(false)),
    await bytesOf(plain.clone().webp({ lossless: true, effort: 6, quality: 100 })),
  ]
  for (const quality of qualities) {
    const { file } = await compressWithReport({ width, height, components, data }, { model, quality, lossless: true })
    sizes.push(file.length)
    const back = await decompress(file, { model })
    if (Buffer.compare(back.data, data) !== 0) {
      wrong += 1
      console.log(`${name}: NOT EXACT`)
    }
  }
  row([name, width * height, ...sizes])
  for (const [i, value] of [width * height, ...sizes].entries()) sums[i] += value
}
row(['all', ...sums])
row(['bits per pixel', '', ...sums.slice(1).map((bytes) => ((8 * bytes) / sums[0]).toFixed(2))])
process.exitCode = wrong > 0 ? 1 : 0
