/** Models against each other: rate and PSNR of each, in its profiles and with both searches, mozjpeg beside. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Profile } from '../../codec/streams.js'
import { columns } from '../../columns.js'
import { DdncError, type CellGridModel, type Search } from '../../index.js'
import { chartSvg, type Line } from '../draw/chart.js'
import { bjontegaard } from './bjontegaard.js'
import { writeChart } from './chartFiles.js'
import { byPsnr, bytesAt, psnrAt, type Point } from './curves.js'
import { akima } from './interpolate.js'
import { groupedBy, mean, percent } from './metrics.js'
import { MOZJPEG, peerCurve } from './peers.js'
import { picturesOf } from './pictures.js'
import { csvLine, ROOT, signed, type Say } from './report.js'
import { meansOf, readSeries, type SeriesRow } from './series.js'

export type StudyOptions = Readonly<{
  models: readonly Readonly<{ model: CellGridModel; file: string }>[]
  data: string
  /** Folder for a CSV of every series, and for study.csv, study.svg and study.png; made if missing. */
  out: string
  limit?: number | undefined
  /** Folder where the other codecs' files are remembered. */
  cache: string
  /** Series that are measured at a time, each in a process of its own. */
  jobs: number
}>

/** Rates between which files are compared as a whole, bits per pixel. */
const RATES = [0.3, 1.5] as const
const bytesAtRates = ({ width, height }: Readonly<{ width: number; height: number }>): [number, number] => [
  (RATES[0] * width * height) / 8,
  (RATES[1] * width * height) / 8,
]

/** A model in one profile and with one search. */
type Series = Readonly<{
  name: string
  model: CellGridModel
  file: string
  profile: Profile
  search: Search
  csv: string
}>

type Measured = Series & Readonly<{ rows: readonly SeriesRow[] }>

/** What a picture is for the other codec: its files, and the bytes between which rates are compared. */
type Peer = Readonly<{ curve: readonly Point[]; range: readonly [number, number]; pixels: number }>

export async function measureStudy(options: StudyOptions, say: Say): Promise<void> {
  const { data, out, limit, cache } = options
  await mkdir(out, { recursive: true })
  const all = seriesOf(options)
  await inProcesses(all, options, say)
  const peers = new Map<string, Peer>()
  for await (const { name, picture } of picturesOf(data, limit)) {
    const curve = await peerCurve(MOZJPEG, picture, cache)
    peers.set(name, { curve, range: bytesAtRates(picture), pixels: picture.width * picture.height })
  }
  // A CSV may hold more pictures, of a run without this limit.
  const measured = all.map((series) => {
    return { ...series, rows: readSeries(series.model, series.csv).filter(({ picture }) => peers.has(picture)) }
  })
  const table = [...rates(measured, peers)]
  await writeFile(join(out, 'study.csv'), table.map((row) => `${csvLine(row)}\n`).join(''))
  const svg = chartSvg(`${peers.size} pictures: mean PSNR (RGB) over mean rate`, [
    {
      x: { label: 'bits per pixel', scale: 'log' },
      y: { label: 'dB', scale: 'linear' },
      lines: linesOf(measured, peers),
    },
  ])
  await writeChart(out, 'study', svg)

  for (const line of columns(table)) say(line)
  say(`BD-rate where the series spends ${RATES.join(' to ')} bits per pixel, mean over pictures, per cent:`)
  for (const line of columns(comparison(measured, peers))) say(line)
  if (measured.length === 1) return
  say(`PSNR at the bytes of ${measured[0].name}, picture by picture, mean difference in dB:`)
  for (const line of columns(atEqualBytes(measured))) say(line)
}

/** All of them, models in their order; a search is no question where every cell makes one choice. */
function seriesOf({ models, out }: StudyOptions): Series[] {
  const all = models.flatMap(({ model, file }) => {
    const isTree = [model.coarse, model.fine].some(({ layers }) => layers.some(({ n }) => n > 1))
    const searches = isTree ? (['leaves', 'greedy'] as const) : (['leaves'] as const)
    return model.profiles.flatMap((profile) =>
      searches.map((search) => {
        const name = [model.name, profile, ...(isTree ? [search] : [])].join(' ')
        const csv = join(out, `${name.replace(/[^\w.-]+/g, '-')}.csv`)
        return { name, model, file, profile, search, csv }
      }),
    )
  })
  const twice = all.find(({ csv }, i) => all.findIndex((other) => other.csv === csv) < i)
  if (twice) throw new DdncError({ tag: 'BadOption', option: '--model', found: `two ${twice.name}`, allowed: 'one' })
  return all
}

/** Measures what is missing, so many series at a time. */
async function inProcesses(all: readonly Series[], options: StudyOptions, say: Say): Promise<void> {
  const left = [...all]
  const work = async (): Promise<void> => {
    for (let series = left.shift(); series; series = left.shift()) {
      say(`${series.name}: ${series.csv}`)
      await measureAlone(series, options)
    }
  }
  await Promise.all(Array.from({ length: options.jobs }, work))
}

async function measureAlone(
  { name, file, profile, search, csv }: Series,
  { data, limit }: StudyOptions,
): Promise<void> {
  const script = join(ROOT, 'scripts', 'measure.js')
  const coding = ['--model', file, '--profile', profile, '--search', search]
  const args = [
    'series',
    ...coding,
    '--data',
    data,
    '--out',
    csv,
    ...(limit === undefined ? [] : ['--limit', `${limit}`]),
  ]
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code === 0) return
  throw new DdncError({
    tag: 'BadOption',
    option: name,
    found: `ended with ${code}`,
    allowed: 'a run that ends with 0',
  })
}

/** Heading, then means of every series and rate. */
function* rates(measured: readonly Measured[], peers: ReadonlyMap<string, Peer>): Generator<(string | number)[]> {
  yield ['series', 's', 'bpp', 'PSNR', 'bytes vs mozjpeg, %', 'not reached']
  for (const { name, rows } of measured) {
    for (const { step, bpp, psnr } of meansOf(rows)) {
      const own = rows.filter((row) => row.step === step)
      const ratios = own.flatMap(({ picture, bytes, psnr }) => {
        const theirs = bytesAt(peers.get(picture)!.curve, psnr)
        return theirs === null ? [] : [Math.log(bytes / theirs)]
      })
      yield [name, step, bpp.toFixed(4), psnr.toFixed(3), signed(percent(ratios), 1), own.length - ratios.length]
    }
  }
}

/** BD-rate of every series against the first, and against mozjpeg. */
function comparison(measured: readonly Measured[], peers: ReadonlyMap<string, Peer>): string[][] {
  const [first] = measured.map(({ rows }) => groupedBy(rows, ({ picture }) => picture))
  const rows = measured.map(({ name, rows }) => {
    const curves = [...groupedBy(rows, ({ picture }) => picture)]
    const against = (theirs: (picture: string) => readonly Point[]): string[] => {
      const found = curves.flatMap(([picture, own]) => {
        const { range } = peers.get(picture)!
        return bjontegaard(byPsnr(own), byPsnr(theirs(picture)), range, akima)?.rate ?? []
      })
      return [signed(percent(found), 2), `${found.length}`]
    }
    const vsFirst = against((picture) => first.get(picture) ?? [])
    return [name, ...vsFirst, ...against((picture) => peers.get(picture)!.curve)]
  })
  return [['series', `vs ${measured[0].name}`, 'pictures', 'vs mozjpeg', 'pictures'], ...rows]
}

/** By step of the first series: how much better the others are at its bytes, where they have files on both sides. */
function atEqualBytes([first, ...others]: readonly Measured[]): string[][] {
  const steps = [...groupedBy(first.rows, ({ step }) => step)]
  const rows = others.map(({ name, rows }) => {
    const curves = groupedBy(rows, ({ picture }) => picture)
    const cells = steps.map(([, own]) => {
      const differences = own.flatMap(({ picture, bytes, psnr }) => {
        const theirs = psnrAt(curves.get(picture) ?? [], bytes)
        return theirs === null ? [] : [theirs - psnr]
      })
      return differences.length === 0 ? '' : `${signed(mean(differences), 3)} (${differences.length})`
    })
    return [name, ...cells]
  })
  return [['s', ...steps.map(([step]) => `${step}`)], ...rows]
}

/** A colour a model and profile, greedy dashed; mozjpeg grey, over the range of the others. */
function linesOf(measured: readonly Measured[], peers: ReadonlyMap<string, Peer>): Line[] {
  const kinds = [...groupedBy(measured, kindOf).keys()]
  const lines = measured.map((series): Line => {
    const share = kinds.indexOf(kindOf(series)) / kinds.length
    return {
      name: series.name,
      colour: `hsl(${Math.round(360 * share + 210) % 360} 75% 42%)`,
      points: meansOf(series.rows).map(({ bpp, psnr }) => [bpp, psnr]),
      dashed: series.search === 'greedy',
    }
  })
  const all = lines.flatMap(({ points }) => points.map(([bpp]) => bpp))
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const jpeg = meanCurve([...peers.values()]).filter(([bpp]) => bpp >= least && bpp <= most)
  return [...lines, { name: MOZJPEG.name, colour: '#888', points: jpeg }]
}

const kindOf = ({ model, profile }: Series): string => `${model.name} ${profile}`

/** Mean rate and PSNR by the other codec's quality. */
const meanCurve = (peers: readonly Peer[]): [bpp: number, psnr: number][] =>
  (peers[0]?.curve ?? []).map((_, quality) => [
    mean(peers.map(({ curve, pixels }) => (8 * curve[quality].bytes) / pixels)),
    mean(peers.map(({ curve }) => curve[quality].psnr)),
  ])
