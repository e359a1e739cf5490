/** The codec on a set of photographs: rate, quality and time at the steps of λ, beside other codecs at equal PSNR. */
import { defaultProfile } from '../../codec/streams.js'
import type { CellGridModel } from '../../network/model.js'
import { columns } from '../../columns.js'
import { bdRate, bytesAt, type Point } from './curves.js'
import { mean, percent } from './metrics.js'
import { PEERS, peerCurve } from './peers.js'
import { picturesOf, readFigures } from './pictures.js'
import { beginReport, signed, type Report, type Say } from './report.js'
import { roundTrip, type Coding, type RoundTrip } from './roundTrip.js'
import { stepsOf } from './steps.js'

export type OpenOptions = Readonly<{
  model: CellGridModel
  coding: Coding
  /** Folder of pictures. */
  data: string
  /** Table of the float original: its steps of λ are measured; without one, those that show the model. */
  reference?: string | undefined
  out?: string | undefined
  /** So many pictures at most. */
  limit?: number | undefined
  /** Folder where the other codecs' files are remembered. */
  cache: string
}>

type Row = RoundTrip &
  Readonly<{
    step: number
    pixels: number
    /** Bytes at the same PSNR, or null where it is not reached; in the order of PEERS. */
    peers: readonly (number | null)[]
  }>

/** Rates between which files are compared as a whole, bits per pixel. */
export const RATES = [0.3, 1.5] as const
/** Bytes of a picture at two rates, in bits per pixel. */
export const bytesAtRates = (
  [least, most]: readonly [number, number],
  { width, height }: Readonly<{ width: number; height: number }>,
): [number, number] => [(least * width * height) / 8, (most * width * height) / 8]

/** What a file may have besides Σ −log2 p: a share of it, and a header's bytes. */
const FRAMING_BYTES = 48

export async function measureOpen(options: OpenOptions, say: Say): Promise<void> {
  const { model, coding, data, reference, out, limit, cache } = options
  const { profile = defaultProfile(model), search = 'leaves' } = coding
  const steps = reference === undefined ? stepsOf(model, profile) : (await readFigures(reference)).steps
  const heading = ['picture', 's', 'log_lambda', 'bytes', 'bits', 'bpp', 'psnr_rgb', 'encode_s', 'decode_s']
  const report = beginReport(model, out, [...heading, ...PEERS.map((peer) => `${peer.name}_bytes`)], say)
  say(`profile: ${profile}, search: ${search}`)
  const rows: Row[] = []
  const bjontegaard: (number | null)[][] = []
  for await (const named of picturesOf(data, limit)) {
    const { name, picture } = named
    if (rows.length === 0) await roundTrip(named, model, steps[0], coding) // warm-up: compilers and caches
    const curves: (readonly Point[])[] = []
    for (const peer of PEERS) curves.push(await peerCurve(peer, picture, cache))
    const mine: Row[] = []
    for (const step of steps) {
      const result = await roundTrip(named, model, step, coding)
      const peers = curves.map((curve) => bytesAt(curve, result.psnr))
      mine.push({ ...result, step, pixels: picture.width * picture.height, peers })
      record(report, name, mine[mine.length - 1])
    }
    rows.push(...mine)
    const range = bytesAtRates(RATES, picture)
    bjontegaard.push(curves.map((curve) => bdRate(mine, curve, range)))
  }
  for (const line of summarise(steps, rows, bjontegaard)) say(line)
}

function record(report: Report, name: string, row: Row): void {
  report.record([
    name,
    row.step,
    (1 + row.step / 10).toFixed(1),
    row.bytes,
    row.bits.toFixed(1),
    ((row.bytes * 8) / row.pixels).toFixed(5),
    row.psnr.toFixed(4),
    row.encodeSeconds.toFixed(3),
    row.decodeSeconds.toFixed(3),
    ...row.peers.map((bytes) => bytes?.toFixed(0) ?? 'not reached'),
  ])
}

function summarise(steps: readonly number[], rows: readonly Row[], bjontegaard: (number | null)[][]): string[] {
  const pictures = bjontegaard.length
  const table = steps.map((step) => {
    const at = rows.filter((row) => row.step === step)
    return [
      (1 + step / 10).toFixed(1),
      mean(at.map((row) => (row.bytes * 8) / row.pixels)).toFixed(4),
      mean(at.map((row) => row.psnr)).toFixed(3),
      mean(at.map((row) => row.encodeSeconds)).toFixed(2),
      mean(at.map((row) => row.decodeSeconds)).toFixed(2),
      signed(Math.max(...at.map(beyondBits)), 2),
      ...PEERS.flatMap((_, peer) => against(at, peer)),
    ]
  })
  const peerColumns = PEERS.flatMap(({ name }) => [`vs ${name}, %`, 'smaller', 'not reached'])
  const over = `over bits+${FRAMING_BYTES}, %`
  const heading = ['ln lambda', 'bpp', 'PSNR', 'encode s', 'decode s', over, ...peerColumns]
  const total = PEERS.map(({ name }, peer) => {
    const known = bjontegaard.map((rates) => rates[peer]).filter((rate) => rate !== null)
    return `${name} ${signed(percent(known), 1)} % (${known.length} pictures)`
  })
  return [
    `${pictures} pictures; PSNR over all samples of a picture; means over pictures, of sizes the mean of log ratios`,
    `others: ${PEERS.map((peer) => peer.setting).join('; ')}; at equal PSNR, linear in ln bytes between qualities`,
    `"over": the worst file's bytes above those of sum of -log2 p and ${FRAMING_BYTES} bytes, per cent`,
    `"smaller": pictures on which ddnc's file is smaller, of those on which the other codec reaches the PSNR`,
    ...columns([heading, ...table]),
    `BD-rate where ddnc spends ${RATES.join(' to ')} bits per pixel: ${total.join(', ')}`,
  ]
}

/** How far a file is above its bits and the framing allowed, in per cent of the bits. */
const beyondBits = ({ bytes, bits }: Row): number => 100 * ((bytes - FRAMING_BYTES) / (bits / 8) - 1)

/** Against one codec at one step: per cent of size, on how many pictures ours is smaller, how many it cannot reach. */
function against(rows: readonly Row[], peer: number): string[] {
  const ratios = rows.flatMap(({ bytes, peers }) => {
    const theirs = peers[peer]
    return theirs === null ? [] : [Math.log(bytes / theirs)]
  })
  const smaller = ratios.filter((ratio) => ratio < 0).length
  return [signed(percent(ratios), 1), `${smaller}/${ratios.length}`, `${rows.length - ratios.length}`]
}
