/** Rate and PSNR of a model, in one profile and with one search, on a folder of pictures. It can be gone on with. */
import { lambdaOf } from '../../codec/lambda.js'
import { defaultProfile } from '../../codec/streams.js'
import { columns } from '../../columns.js'
import { compressWithReport, type CellGridModel } from '../../index.js'
import { groupedBy, mean } from './metrics.js'
import { picturesOf, type NamedPicture } from './pictures.js'
import { goOnWithReport, rowsOf, type Say } from './report.js'
import { bitsPerPixel, roundTrip, type Coding } from './roundTrip.js'
import { stepsOf } from './steps.js'

export type SeriesOptions = Readonly<{
  model: CellGridModel
  coding: Coding
  data: string
  /** CSV: rows that it has are kept and not measured again. */
  out?: string | undefined
  limit?: number | undefined
}>

export type SeriesRow = Readonly<{ picture: string; step: number; bytes: number; bpp: number; psnr: number }>

const HEADING = ['picture', 's', 'bytes', 'bpp', 'psnr_rgb']

/**
 * Encodes every picture at the steps that show the model; the files of the first one are decoded and compared as well.
 * @throws {DdncError} BadOption if `out` holds something else; Corrupt if a decoder's pixels differ
 */
export async function measureSeries(options: SeriesOptions, say: Say): Promise<void> {
  const { model, coding, data, out, limit } = options
  const { profile = defaultProfile(model), search = 'leaves' } = coding
  const steps = stepsOf(model, profile)
  const known = out === undefined ? [] : readSeries(model, out)
  const report = goOnWithReport(model, out, HEADING, known.map(fieldsOfRow), say)
  say(`profile: ${profile}, search: ${search}`)
  const rowsKnown = new Map(known.map((row) => [keyOf(row.picture, row.step), row]))
  const rows: SeriesRow[] = []
  for await (const named of picturesOf(data, limit)) {
    // The first picture's files are decoded as well.
    const code = rows.length === 0 ? roundTrip : encodeAlone
    for (const step of steps) {
      const old = rowsKnown.get(keyOf(named.name, step))
      const row = old ?? rowOf(named, step, await code(named, model, step, coding))
      if (row !== old) report.record(fieldsOfRow(row))
      rows.push(row)
    }
  }
  const table = meansOf(rows).map(({ step, bpp, psnr }) => [step, bpp.toFixed(4), psnr.toFixed(3)])
  for (const line of columns([['s', 'bpp', 'PSNR'], ...table])) say(line)
}

type Coded = Readonly<{ bytes: number; psnr: number }>

async function encodeAlone(
  { picture }: NamedPicture,
  model: CellGridModel,
  step: number,
  coding: Coding,
): Promise<Coded> {
  const { file, psnr } = await compressWithReport(picture, { ...coding, model, lambda: lambdaOf(step) })
  return { bytes: file.length, psnr }
}

const rowOf = ({ name, picture }: NamedPicture, step: number, { bytes, psnr }: Coded): SeriesRow => ({
  picture: name,
  step,
  bytes,
  bpp: bitsPerPixel(8 * bytes, picture),
  psnr,
})

/** The rows that a CSV has so far. */
export const readSeries = (model: CellGridModel, out: string): SeriesRow[] =>
  rowsOf(model, out, HEADING).map(([picture, ...numbers]) => {
    const [step, bytes, bpp, psnr] = numbers.map(Number)
    return { picture, step, bytes, bpp, psnr }
  })

const fieldsOfRow = ({ picture, step, bytes, bpp, psnr }: SeriesRow): (string | number)[] => [
  picture,
  step,
  bytes,
  bpp.toFixed(5),
  psnr.toFixed(4),
]

const keyOf = (picture: string, step: number): string => `${step} ${picture}`

/** Means over pictures, by step. */
export function meansOf(rows: readonly SeriesRow[]): { step: number; bpp: number; psnr: number }[] {
  return [...groupedBy(rows, ({ step }) => step)].map(([step, own]) => ({
    step,
    bpp: mean(own.map(({ bpp }) => bpp)),
    psnr: mean(own.map(({ psnr }) => psnr)),
  }))
}
