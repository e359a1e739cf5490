/**
 * Writes docs/equal-bytes.png, the picture of the README: a crop of corpus/raccoon.png, then mozjpeg and ddnc at equal
 * bytes. Works on dist/: node scripts/make-equal-bytes.js [quality]
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { compressImageWithReport, DEFAULT_MODEL, shippedModel } from '../dist/node.js'

const quality = Number(process.argv[2] ?? 20)
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const source = readFileSync(path('corpus/raccoon.png'))
const { file, picture, reconstruction } = await compressImageWithReport(source, {
  model: await shippedModel(DEFAULT_MODEL),
  quality,
})
const { width, height } = picture
const bitsPerPixel = (bytes) => `${((8 * bytes) / (width * height)).toFixed(2)} bits a pixel`

/** The mozjpeg file nearest in size. */
let nearest = null
for (let q = 1; q <= 60; q++) {
  const jpeg = await sharp(source).jpeg({ mozjpeg: true, quality: q }).toBuffer()
  const away = Math.abs(jpeg.length - file.length)
  if (nearest === null || away < nearest.away) nearest = { jpeg, q, away }
}

const side = 400
const region = { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side }
const raw = { raw: { width, height, channels: 3 } }
const label = (text) =>
  Buffer.from(
    `<svg width="${side}" height="28"><rect width="100%" height="100%" fill="#000"/>` +
      `<text x="8" y="20" font-family="sans-serif" font-size="15" fill="#fff">${text}</text></svg>`,
  )
const panes = [
  [sharp(source), 'original'],
  [sharp(nearest.jpeg), `mozjpeg, ${bitsPerPixel(nearest.jpeg.length)}`],
  [sharp(Buffer.from(reconstruction.data), raw), `ddnc, ${bitsPerPixel(file.length)}`],
]
const layers = []
for (const [i, [pane, text]] of panes.entries()) {
  const left = i * (side + 8)
  layers.push({ input: await pane.removeAlpha().extract(region).png().toBuffer(), left, top: 28 })
  layers.push({ input: label(text), left, top: 0 })
}
const canvas = { width: 3 * side + 16, height: side + 28, channels: 3, background: '#fff' }
await sharp({ create: canvas })
  .composite(layers)
  .png({ palette: true, quality: 95, colours: 256 })
  .toFile(path('docs/equal-bytes.png'))
console.log(`ddnc q=${quality}: ${file.length} bytes; mozjpeg q=${nearest.q}: ${nearest.jpeg.length} bytes`)
