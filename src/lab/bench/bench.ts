/** `ddnc bench`: ddnc and other codecs on a folder of pictures; tables, charts, pictures side by side. */
import { mkdir, writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { columns } from '../../columns.js'
import { writePicture } from '../../node.js'
import { pictureNames } from '../../node/picture.js'
import { defaultProfile } from '../../codec/streams.js'
import { cellGrid, type Model } from '../../network/model.js'
import { spread } from '../quantise/crops.js'
import { benchCharts } from './benchCharts.js'
import { pageHtml, tableCsv, type Slide } from './benchPage.js'
import { BD_NOTE, bdTable, meansTable, processTable, type Table } from './benchTables.js'
import type { Absent, Codec } from './codecs/codec.js'
import { codeVersion, ddncCodec } from './codecs/ddncCodec.js'
import { imagecodecs } from './codecs/imagecodecs.js'
import { sharpCodecs } from './codecs/sharpCodecs.js'
import { differencesOf, summariesOf } from './comparison.js'
import { picturesOf } from './pictures.js'
import { processRowsOf, type ProcessRow } from './processes.js'
import { MEASURE_NAMES } from './quality/figures.js'
import { bitsPerPixelOf, measurerOf, ratesOf, type RateRow } from './rates.js'
import { machineFacts, modelFact, type Say } from './report.js'
import { licensed, pageOf, shownAt, type Shown } from './sideBySide.js'

/** rates: every codec at its settings. sheets: pictures at equal bytes. time: whole processes. */
export type BenchPart = 'rates' | 'sheets' | 'time'

export type BenchOptions = Readonly<{
  parts: readonly BenchPart[]
  /** Folder of pictures. */
  data: string
  /** Folder for all that is made; what it keeps of an earlier run is not measured again. */
  out: string
  /** The first is compared with all others. `name` is what `ddnc encode --model` takes. */
  models: readonly Readonly<{ model: Model; name: string }>[]
  /** Of ddnc's encoder; default: its own. */
  effort?: number | undefined
  /** So many pictures at most, the first by name. */
  count?: number | undefined
  /** Bits per pixel of the pictures side by side. */
  rate: number
  /** A Python that may have imagecodecs. */
  python: string
  signal?: AbortSignal | undefined
  /** What is being measured: called often. */
  onProgress?: ((doing: string) => void) | undefined
}>

/** Pictures side by side, at most; whole ones are files, and squares of this side are on one sheet. */
const SHEETS = 12
const CROP = 288
/** Beside ddnc on the sheets: what a user would take. */
const RIVALS = ['avif-444', 'jxl']
/** Of the sheets, so many are in the report. */
const SLIDES = 4

/** Of whole processes: pictures, runs of each, and the rate whose nearest setting is run. */
const TIMED = { pictures: 2, runs: 2, rate: 0.5 } as const

/**
 * Writes results.json, rates.csv, report.html and sheets/ to `out`.
 * @throws {DdncError} BadOption if the folder has no picture, or a model is one of whole pictures
 */
export async function bench(options: BenchOptions, say: Say): Promise<void> {
  const helper = await imagecodecs(options.python)
  try {
    const others = await sharpCodecs()
    const code = await codeVersion()
    const models = options.models.map(({ model, name }) => ({ model: cellGrid(model), name }))
    // In the plain profile nothing can be tuned.
    const tuned = models.slice(0, 1).filter(({ model }) => defaultProfile(model) === 'entropy')
    const own = options.effort === undefined ? {} : { effort: options.effort }
    const codecs = [
      ...models.map(({ model, name }) => ddncCodec(model, name, code, own)),
      ...tuned.map(({ model, name }) => ddncCodec(model, name, code, { ...own, tune: 'ssim' })),
      ...others.codecs,
      ...helper.codecs,
    ]
    await measureAll(options, codecs, [...others.absent, ...helper.absent], say)
  } finally {
    await helper.close()
  }
}

/** What was measured. */
type Measured = { rows: RateRow[]; times: ProcessRow[]; shown: Shown[]; pictures: number; load: number }

async function measureAll(
  options: BenchOptions,
  codecs: readonly Codec[],
  absent: readonly Absent[],
  say: Say,
): Promise<void> {
  const { out, models } = options
  await mkdir(out, { recursive: true })
  const facts = [...machineFacts(), ...models.map(({ model }) => modelFact(model))]
  for (const fact of facts) say(fact)
  for (const { name, why } of absent) say(`left out: ${name}: ${why}`)

  const measured = await measure(options, codecs)
  const { rows, times, shown, pictures, load } = measured
  const nameOf = (id: string): string => codecs.find((codec) => codec.id === id)?.name ?? id
  const ids = codecs.map(({ id }) => id)
  const differences = differencesOf(rows, ids)
  const summaries = summariesOf(differences)
  const tables = [
    { heading: `${codecs[0].name} against the others`, note: BD_NOTE, table: bdTable(summaries, nameOf) },
    { heading: 'Means by setting', note: MEANS_NOTE, table: meansTable(rows, nameOf) },
    { heading: 'Whole processes', note: timeNote(load), table: processTable(times, nameOf) },
    { heading: 'Codecs', note: absentNote(absent), table: codecTable(codecs) },
  ].filter(({ table }) => table.length > 1)
  const about = {
    facts,
    codecs: codecs.map(({ id, name, use, version, setting, settings }) => ({
      id,
      name,
      use,
      version,
      setting,
      settings,
    })),
    absent,
  }
  const sheets = shown.map(({ original, panes }) => ({ picture: original.name, files: panes.map(({ row }) => row) }))
  const results = { ...about, pictures, rows, differences, summaries, load, times, sheets }
  await writeFile(join(out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`)
  await writeFile(join(out, 'rates.csv'), tableCsv(facts, rateTable(rows)))
  await writeSheets(out, shown)
  const page = {
    title: 'ddnc bench',
    facts,
    tables,
    charts: rows.length === 0 ? '' : benchCharts(rows, codecs, pictures),
    slides: await slidesOf(shown),
    slideNote: `Every codec's file of about ${options.rate} bits per pixel: that of ddnc nearest to it, the others' nearest to ddnc's.`,
  }
  await writeFile(join(out, 'report.html'), pageHtml(page))
  for (const { heading, note, table } of tables.filter(({ heading }) => heading !== 'Means by setting')) {
    say('')
    say(`${heading}. ${note}`)
    for (const line of columns(table.map((row) => [...row]))) say(line)
  }
}

async function measure(options: BenchOptions, codecs: readonly Codec[]): Promise<Measured> {
  const { parts, data, out, count, rate, signal, onProgress } = options
  const keep = join(out, 'kept')
  const names = (await pictureNames(data)).slice(0, count)
  const mayShow = await licensed(data)
  const onSheets = new Set(parts.includes('sheets') ? spread(names.filter(mayShow), SHEETS) : [])
  const timed = new Set(parts.includes('time') ? spread(names, TIMED.pictures) : [])
  const sheetCodecs = [codecs[0], ...codecs.filter(({ id }) => RIVALS.includes(id))]
  const measured: Measured = { rows: [], times: [], shown: [], pictures: names.length, load: loadavg()[0] }
  let at = 0
  for await (const named of picturesOf(data, count)) {
    at++
    const doing = (codec: Codec, what: string): void =>
      onProgress?.(`${at} of ${names.length}, ${named.name}: ${codec.name}, ${what}`)
    const onFile = (codec: Codec, setting: number): void => doing(codec, `${codec.setting} ${setting}`)
    const measurer = measurerOf(named, { keep, signal, onFile })
    const rows = parts.includes('rates') ? await ratesOf(measurer, codecs) : []
    measured.rows.push(...rows)
    if (onSheets.has(named.name)) measured.shown.push(await shownAt(named, measurer, sheetCodecs, rows, rate))
    if (!timed.has(named.name)) continue
    for (const codec of codecs) {
      signal?.throwIfAborted()
      doing(codec, 'whole processes')
      const setting = settingForTime(codec, rows)
      measured.times.push(...(await processRowsOf(named, codec, setting, TIMED.runs)))
    }
  }
  return measured
}

/** The setting whose file is nearest to the rate; without files the middle one. */
function settingForTime(codec: Codec, rows: readonly RateRow[]): number {
  const own = rows.filter((row) => row.codec === codec.id)
  if (own.length === 0) return codec.settings[codec.settings.length >> 1]
  const away = (row: RateRow): number => Math.abs(Math.log(bitsPerPixelOf(row) / TIMED.rate))
  return own.reduce((best, row) => (away(row) < away(best) ? row : best)).setting
}

const MEANS_NOTE =
  'Of every picture by itself, then averaged; bytes of whole files. PSNR over all RGB samples; PSNR-Y of the luma of ' +
  'Rec. 601; MS-SSIM the mean of three components.'

const timeNote = (load: number): string =>
  `Seconds from start to end of a process that reads a PNG and writes a file, or the other way round; the fastest of ` +
  `${TIMED.runs} runs on each of ${TIMED.pictures} pictures at about ${TIMED.rate} bits per pixel. Most memory resident. ` +
  `Load of the machine before: ${load.toFixed(1)}; above 0.5 the seconds are not to be compared with others.`

const absentNote = (absent: readonly Absent[]): string =>
  absent.length === 0 ? 'None was left out.' : absent.map(({ name, why }) => `Left out: ${name}: ${why}.`).join(' ')

const codecTable = (codecs: readonly Codec[]): Table => [
  ['codec', 'use', 'version', 'setting', 'settings'],
  ...codecs.map(({ name, use, version, setting, settings }) => [name, use, version, setting, settings.join(', ')]),
]

const rateTable = (rows: readonly RateRow[]): Table => [
  ['picture', 'codec', 'setting', 'bytes', 'bpp', ...MEASURE_NAMES],
  ...rows.map((row) => [
    row.picture,
    row.codec,
    `${row.setting}`,
    `${row.bytes}`,
    bitsPerPixelOf(row).toFixed(5),
    ...MEASURE_NAMES.map((measure) => row.figures[measure]?.toFixed(5) ?? ''),
  ]),
]

/** A PNG of each picture, whole; one of all, in squares. */
async function writeSheets(out: string, shown: readonly Shown[]): Promise<void> {
  if (shown.length === 0) return
  const folder = join(out, 'sheets')
  await mkdir(folder, { recursive: true })
  for (const each of shown) {
    const name = each.original.name.replace(/\.[^.]*$/, '')
    await writeFile(join(folder, `${name}.png`), await writePicture(pageOf([each]), 'png'))
  }
  await writeFile(join(out, 'sheet.png'), await writePicture(pageOf(shown, CROP), 'png'))
}

/** Those for the report: evenly from where ddnc is worst against the first rival, by SSIMULACRA 2, to where it is best. */
async function slidesOf(shown: readonly Shown[]): Promise<Slide[]> {
  const lead = ({ panes }: Shown): number => {
    const [ours, theirs] = panes.map(({ row }) => row.figures.ssimulacra2 ?? 0)
    return ours - (theirs ?? 0)
  }
  const ordered = [...shown].sort((a, b) => lead(a) - lead(b))
  const chosen =
    ordered.length <= SLIDES
      ? ordered
      : Array.from({ length: SLIDES }, (_, i) => ordered[Math.round((i * (ordered.length - 1)) / (SLIDES - 1))])
  return Promise.all(
    chosen.map(async ({ original, panes }) => ({
      name: original.name,
      pictures: [
        { label: 'original', webp: await webpOf(original.picture) },
        ...(await Promise.all(
          panes.map(async ({ name, row, picture }) => ({
            label: `${name}, ${row.bytes} bytes, ${row.figures.psnr?.toFixed(2) ?? '-'} dB`,
            webp: await webpOf(picture),
          })),
        )),
      ],
    })),
  )
}

/** Without loss. */
async function webpOf({ width, height, components, data }: Shown['original']['picture']): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp')
  return sharp(data, { raw: { width, height, channels: components } })
    .webp({ lossless: true })
    .toBuffer()
}
