/**
 * What a path is worth as a codec: bits against error at every prefix of the path, beside JPEG, WebP and PNG of the same
 * pictures, and how much of log2 K each choice carries. The paper says that two candidates and more layers are the better
 * compromise for compression (section 3.2).
 */
import { engineParts } from '../../codec/engineParts.js'
import { columns } from '../../columns.js'
import { loadEngine } from '../../engine/loadEngine.js'
import type { Picture } from '../../network/picture.js'
import { pathBits } from '../../format/plain.js'
import { compress } from '../../index.js'
import { stepsOf, type WholeImageModel } from '../../network/wholeModel.js'
import { writeChart } from '../bench/chartFiles.js'
import { modelFact, type Say } from '../bench/report.js'
import { pictureAt, type PictureSet } from '../data/pictureSet.js'
import { BLACK, canvas, picture, WHITE, write } from '../draw/canvas.js'
import { chartSvg, type Chart, type Line } from '../draw/chart.js'
import { paste, sheetOf } from '../draw/sheet.js'
import { psnrOf } from '../train/score.js'
import { labelAt, pictureOfPath, type Coded } from './coding.js'
import { writeCsv, writePng } from './experiment.js'
import type { CodedModel } from './judged.js'
import { countOf, pathAt, usageByLayer, type LayerUsage } from './paths.js'
import type { PeerPoint } from './peers.js'

/** Bits that the table and the pictures show: 12, 24, 60 and 120 choices of two, 4 … 40 of eight, 2 … 20 of 64. */
const MARKS = [12, 24, 60, 120]

/** The same, and the whole paths that are longer. */
const marksOf = (models: readonly Measured[]): number[] => {
  const whole = models.map(({ points }) => points[points.length - 1].bits)
  return [...MARKS, ...new Set(whole.filter((bits) => bits > MARKS[MARKS.length - 1]))].sort((a, b) => a - b)
}

/** After so many choices. */
export type Point = LayerUsage &
  Readonly<{
    choices: number
    /** choices·log2 K; a file has the next whole number of them. */
    bits: number
    /** Mean over all samples of all pictures. */
    mse: number
  }>

/**
 * One for each prefix of the path: error after it, and how its last choice is used.
 * @example pointsOf(coded).at(-1) // the whole path
 */
export function pointsOf({ paths, errors }: Coded): Point[] {
  const count = countOf(paths)
  return usageByLayer(paths).map((usage, layer) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += errors[i * paths.length + layer]
    return { ...usage, choices: layer + 1, bits: (layer + 1) * Math.log2(paths.K), mse: sum / count }
  })
}

/** The longest prefix of at most so many bits; undefined where the path is shorter than that. */
export function atBits(points: readonly Point[], bits: number): Point | undefined {
  // Of K that are no powers of two, bits are no integers.
  if (points[points.length - 1].bits < bits - 1e-9) return undefined
  return points.filter((point) => point.bits <= bits + 1e-9).at(-1)
}

/**
 * Writes compression.csv, compression-peers.csv, compression.svg and .png, compression-pictures.png, and for each model a
 * sheet of pictures above what its whole paths make of them, reconstructions-VARIANT.png.
 */
export async function writeCompression(
  models: readonly CodedModel[],
  peers: readonly PeerPoint[],
  set: PictureSet,
  out: string,
  say: Say,
): Promise<void> {
  const sizes = await Promise.all(models.map(({ model }) => fileFact(model, set)))
  const judged = `${set.count} pictures; PSNR is that of the mean error`
  const facts = [...models.map(({ model }) => modelFact(model)), ...sizes, judged]
  const all = models.map((one) => ({ ...one, points: pointsOf(one.coded) }))
  const heading = ['model', 'K', 'choices', 'bits', 'payload bits', 'mse', 'psnr', 'entropy', 'log2 K', 'dead']
  const rows = all.flatMap(({ model: { name, K }, points }) =>
    points.map(({ choices, bits, mse, entropy, dead }) => {
      const figures = [mse.toFixed(3), psnrOf(mse).toFixed(3), entropy.toFixed(4), Math.log2(K).toFixed(4), dead]
      return [name, K, choices, bits.toFixed(3), pathBits(K, choices), ...figures]
    }),
  )
  await writeCsv(out, 'compression', facts, [heading, ...rows])
  const peerRows = peers.map(({ codec, setting, bits, emptyBits, mse }) => {
    return [codec, setting, bits.toFixed(1), emptyBits, mse.toFixed(3), psnrOf(mse).toFixed(3)]
  })
  const peerHeading = ['codec', 'setting', 'bits', 'bits of an empty picture', 'mse', 'psnr']
  await writeCsv(out, 'compression-peers', [judged], [peerHeading, ...peerRows])
  await writeChart(out, 'compression', chartSvg('Bits of a picture against its error', chartsOf(all, peers)))
  await writePng(out, 'compression-pictures', await reconstructions(all, set))
  for (const one of all) await writePng(out, `reconstructions-${one.variant}`, await sheetFor(one, set))
  for (const line of columns(table(all))) say(line)
  sizes.forEach((line) => say(line))
}

/** What a file has around the path: all files of a model are of one length. */
async function fileFact(model: WholeImageModel, set: PictureSet): Promise<string> {
  const { length } = await compress(pictureAt(set, 0), { model })
  const payload = pathBits(model.K, stepsOf(model).length)
  return `${model.name}: a .ddn file has ${8 * length} bits, ${payload} of them the path`
}

/** A coded model, and what its path's prefixes are worth. */
export type Measured = CodedModel & Readonly<{ points: readonly Point[] }>

function table(all: readonly Measured[]): string[][] {
  const marks = marksOf(all)
  const cell = (point: Point | undefined): string =>
    point ? `${point.mse.toFixed(1)} (${psnrOf(point.mse).toFixed(2)} dB)` : 'not reached'
  const rows = all.map(({ model, points }) => [
    `${model.name}, K ${model.K}`,
    ...marks.map((bits) => cell(atBits(points, bits))),
  ])
  return [['mean squared error', ...marks.map((bits) => `${bits} bits`)], ...rows]
}

const COLOURS = ['#c0392b', '#2471a3', '#27ae60', '#8e44ad', '#d68910', '#16a085']
const PEER_COLOURS: Readonly<Record<PeerPoint['codec'], string>> = {
  JPEG: '#555555',
  WebP: '#8a6d3b',
  'WebP lossless': '#b59a6a',
  PNG: '#999999',
}

function chartsOf(all: readonly Measured[], peers: readonly PeerPoint[]): Chart[] {
  const models = all.map(({ model, points }, i): Line => {
    return { name: model.name, colour: COLOURS[i % COLOURS.length], points: points.map((p) => [p.bits, psnrOf(p.mse)]) }
  })
  const codecs = [...new Set(peers.map(({ codec }) => codec))]
  const others = (name: string, dashed: boolean, bitsOf: (peer: PeerPoint) => number): Line[] =>
    codecs.map((codec) => {
      // Nothing is left of the error without loss: such a point has no place.
      const own = peers.filter((peer) => peer.codec === codec && peer.mse > 0)
      const points = own.map((peer) => [bitsOf(peer), psnrOf(peer.mse)] as const)
      return { name: `${codec}${name}`, colour: PEER_COLOURS[codec], dashed, points }
    })
  const usage = all.map(({ model, points }, i): Line => {
    const share = points.map((p) => [p.bits, p.entropy / Math.log2(model.K)] as const)
    return { name: model.name, colour: COLOURS[i % COLOURS.length], points: share }
  })
  const bits = { label: 'bits', scale: 'log' } as const
  return [
    {
      x: bits,
      y: { label: 'PSNR of the mean squared error, dB', scale: 'linear' },
      lines: [
        ...models,
        ...others(' file', false, (peer) => peer.bits),
        ...others(', no header', true, (peer) => peer.bits - peer.emptyBits),
      ],
    },
    { x: bits, y: { label: 'entropy of a choice, part of log2 K', scale: 'linear' }, lines: usage },
  ]
}

/** Pictures in a row, pixels beside the label, pixels between. */
const SHOWN = 16
const LABEL = 130
const GAP = 2

/** The first pictures of a set, and what models make of them at the marks. */
async function reconstructions(models: readonly Measured[], set: PictureSet): Promise<Picture> {
  const count = Math.min(SHOWN, set.count)
  const places = Array.from({ length: count }, (_, i) => i)
  const rows: { label: string; pictures: Picture[] }[] = [
    { label: 'original', pictures: places.map((i) => pictureAt(set, i)) },
  ]
  for (const { model, coded, points } of models) {
    const engine = await loadEngine('wasm', engineParts(model))
    for (const bits of marksOf(models)) {
      const point = atBits(points, bits)
      if (!point) continue
      const label = `${model.name}, ${bits} bits`
      const pictures = places.map((i) =>
        pictureOfPath(engine, model, pathAt(coded.paths, i).subarray(0, point.choices), labelAt(model, set, i)),
      )
      rows.push({ label, pictures })
    }
  }
  const [width, height] = [set.width + GAP, set.height + GAP]
  const page = canvas(LABEL + count * width + GAP, rows.length * height + GAP, WHITE)
  rows.forEach(({ label, pictures }, row) => {
    const top = GAP + row * height
    write(page, label, GAP + 2, top + Math.floor(set.height / 2) - 4, 1, BLACK)
    pictures.forEach((each, i) => paste(page, each, LABEL + i * width, top))
  })
  return picture(page)
}

/** Pictures on a sheet, and in a row of it. */
const ON_SHEET = 64
const COLUMNS = 16

/** Rows of pictures, below each what the whole paths make of it. */
async function sheetFor({ model, coded }: CodedModel, set: PictureSet): Promise<Picture> {
  const engine = await loadEngine('wasm', engineParts(model))
  const count = Math.min(ON_SHEET, set.count)
  const all: Picture[] = []
  for (let first = 0; first < count; first += COLUMNS) {
    const places = Array.from({ length: Math.min(COLUMNS, count - first) }, (_, i) => first + i)
    const made = (i: number): Picture => pictureOfPath(engine, model, pathAt(coded.paths, i), labelAt(model, set, i))
    all.push(...places.map((i) => pictureAt(set, i)), ...places.map(made))
  }
  return sheetOf(all, Math.min(COLUMNS, count))
}
