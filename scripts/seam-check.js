/**
 * What tiles cost, and whether they are seen: every picture of a folder coded in tiles and in one tile at the same λ. Cost in
 * dB at equal bytes (the slope is that of two files in one tile), and the step of the error across the tiles' borders
 * beside its step a few pixels away: 1 is no seam. Of the worst seam a picture: tiles, one tile, the error of both and their
 * difference, amplified. Needs dist/ (npm run build).
 *
 * node scripts/seam-check.js --data DIR [--out FOLDER] [--tile 512] [--quality 75]… [--limit N]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { lambdaOf, stepOfQuality } from '../dist/codec/lambda.js'
import { cropped } from '../dist/codec/pixels.js'
import { columns } from '../dist/columns.js'
import { picturesOf } from '../dist/lab/bench/pictures.js'
import { compressWithReport, shippedModel } from '../dist/node.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'seams' },
    tile: { type: 'string', default: '512' },
    quality: { type: 'string', multiple: true, default: ['75'] },
    limit: { type: 'string' },
  },
})
if (values.data === undefined) throw new Error('--data DIR is needed')
const TILE = Number(values.tile)
/** Pixels beside a seam that it is compared with: beyond the lap of the transform and the reach of the clean-up. */
const [NEAR, FAR] = [16, 48]
/** Steps of λ between two files in one tile. */
const STEPS = 4
/** Pixels a side of what is shown of the worst seam, and how much errors are amplified. */
const [SHOWN, AMPLIFIED] = [256, 8]

const model = await shippedModel('photo')

/** Grey levels: the mean of the components, of the picture less the original. */
function errorOf({ data }, { data: original, width, height, components }) {
  return Float64Array.from({ length: width * height }, (_, pixel) => {
    let sum = 0
    for (let c = 0; c < components; c++) sum += data[pixel * components + c] - original[pixel * components + c]
    return sum / components
  })
}

/** Mean square of the step of the error into column x (or row, if `down`), of lines from `first` to `end`. */
function stepAt(error, { width, height }, at, down, first = 0, end = down ? width : height) {
  let sum = 0
  for (let line = first; line < end; line++) {
    const here = down ? at * width + line : line * width + at
    sum += (error[here] - error[here - (down ? width : 1)]) ** 2
  }
  return sum / (end - first)
}

/** Seams of a picture: borders of tiles, each cut into pieces of a tile's side. */
function* seamsOf({ width, height }) {
  for (const down of [false, true]) {
    const [across, along] = down ? [height, width] : [width, height]
    for (let at = TILE; at < across - FAR; at += TILE)
      for (let first = 0; first < along; first += TILE) yield { down, at, first, end: Math.min(first + TILE, along) }
  }
}

/** Step at the seam over that beside it. */
function ratioOf(error, size, { down, at, first, end }) {
  let [beside, count] = [0, 0]
  for (let away = NEAR; away < FAR; away += 3)
    for (const line of [at - away, at + away]) {
      beside += stepAt(error, size, line, down, first, end)
      count++
    }
  return stepAt(error, size, at, down, first, end) / Math.max(beside / count, 1e-9)
}

const rows = []
let worst = null
for await (const { name, picture } of picturesOf(values.data, values.limit && Number(values.limit))) {
  if (picture.width <= TILE && picture.height <= TILE) continue
  for (const quality of values.quality.map(Number)) {
    const step = stepOfQuality(quality)
    const at = (s, tileSide) => compressWithReport(picture, { model, lambda: lambdaOf(s), tileSide })
    const [tiled, one, other] = [await at(step, TILE), await at(step, 0), await at(step + STEPS, 0)]
    const slope = (one.psnr - other.psnr) / Math.log(one.file.length / other.file.length)
    const cost = one.psnr - tiled.psnr + slope * Math.log(tiled.file.length / one.file.length)
    const [error, plain] = [errorOf(tiled.reconstruction, picture), errorOf(one.reconstruction, picture)]
    const seams = [...seamsOf(picture)].map((seam) => ({
      ...seam,
      ratio: ratioOf(error, picture, seam),
      // The same place without a seam: some pictures have an edge there.
      plain: ratioOf(plain, picture, seam),
    }))
    const excess = (seam) => seam.ratio / Math.max(seam.plain, 0.2)
    const most = seams.reduce((a, b) => (excess(b) > excess(a) ? b : a))
    const mean = seams.reduce((sum, { ratio }) => sum + ratio, 0) / seams.length
    const bare = seams.reduce((sum, seam) => sum + seam.plain, 0) / seams.length
    rows.push({ name, quality, cost, percent: 100 * (tiled.file.length / one.file.length - 1), mean, bare, most })
    console.log(`${name} q ${quality}: ${cost.toFixed(4)} dB, seams ${mean.toFixed(3)}, without ${bare.toFixed(3)}`)
    if (worst === null || excess(most) > excess(worst.seam))
      worst = { name, quality, seam: most, picture, tiled: tiled.reconstruction, one: one.reconstruction }
  }
}
if (rows.length === 0) throw new Error(`no picture in ${values.data} is larger than a tile`)

const line = ({ name, quality, cost, percent, mean, bare, most }) => [
  ...[name, `${quality}`, cost.toFixed(4), `${percent.toFixed(2)} %`, mean.toFixed(3), bare.toFixed(3)],
  `${most.ratio.toFixed(2)} / ${most.plain.toFixed(2)}, ${most.down ? 'y' : 'x'} = ${most.at}`,
]
const heading = ['picture', 'q', 'cost dB', 'bytes', 'seams', 'one tile', 'worst seam / same place in one tile']
for (const text of columns([heading, ...rows.map(line)])) console.log(text)
const meanOf = (of) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length
console.log(
  `mean cost ${meanOf(({ cost }) => cost).toFixed(4)} dB, largest ${Math.max(...rows.map(({ cost }) => cost)).toFixed(4)} dB; ` +
    `steps at seams ${meanOf(({ mean }) => mean).toFixed(3)}, at the same places in one tile ${meanOf(({ bare }) => bare).toFixed(3)}`,
)

/** The worst seam in the middle: above tiles and one tile, below the error of tiles and what tiles changed, amplified. */
async function showWorst({ name, quality, seam, picture, tiled, one }) {
  const { width, height, components } = picture
  const side = Math.min(SHOWN, width, height)
  const middle = (seam.first + seam.end) >> 1
  const [x, y] = seam.down ? [middle, seam.at] : [seam.at, middle]
  const within = (centre, all) => Math.max(0, Math.min(all - side, centre - (side >> 1)))
  const area = { x: within(x, width), y: within(y, height), width: side, height: side }
  const part = ({ data }) => cropped(data, width, components, area)
  const [source, a, b] = [part(picture), part(tiled), part(one)]
  const amplified = (from, less) => from.map((value, i) => Math.max(0, Math.min(255, 128 + AMPLIFIED * (value - less[i])))) // prettier-ignore
  const shown = [a, b, amplified(a, source), amplified(a, b)]
  await mkdir(values.out, { recursive: true })
  const path = join(values.out, 'worst-seam.png')
  const gap = 8
  const tile = (samples) =>
    sharp(samples, { raw: { width: side, height: side, channels: components } })
      .toColourspace('srgb')
      .png()
      .toBuffer()
  const composed = await Promise.all(
    shown.map(async (samples, i) => ({
      input: await tile(samples),
      left: (i % 2) * (side + gap),
      top: (i >> 1) * (side + gap),
    })),
  )
  await sharp({ create: { width: 2 * side + gap, height: 2 * side + gap, channels: 3, background: 'white' } })
    .composite(composed)
    .png()
    .toFile(path)
  console.log(`${path}: ${name} at q ${quality}, seam at ${seam.down ? 'y' : 'x'} = ${seam.at}, in the middle`)
}
await showWorst(worst)
