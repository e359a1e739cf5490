/** What an encoder's effort is worth: bytes at equal PSNR against the least effort, and how much longer it takes. */
import { columns } from '../../columns.js'
import type { CellGridModel } from '../../network/model.js'
import { cropOf } from '../quantise/crops.js'
import { bjontegaard } from './bjontegaard.js'
import { byPsnr, type Point } from './curves.js'
import { akima } from './interpolate.js'
import { groupedBy, mean, percent } from './metrics.js'
import { picturesOf } from './pictures.js'
import { beginReport, signed, type Say } from './report.js'
import { roundTrip, type Coding } from './roundTrip.js'

export type EffortOptions = Readonly<{
  model: CellGridModel
  coding: Coding
  /** Folder of pictures. */
  data: string
  /** Efforts beside the first, which they are measured against. */
  efforts: readonly number[]
  /** Side of a square crop of each picture; undefined: whole pictures. */
  crop?: number | undefined
  out?: string | undefined
  limit?: number | undefined
}>

/** Steps of λ: about 44, 39, 34 and 31 dB. */
const STEPS = [5, 25, 45, 62]

type Row = Point & Readonly<{ name: string; effort: number; seconds: number }>

export async function measureEffort(options: EffortOptions, say: Say): Promise<void> {
  const { model, coding, data, efforts, crop, out, limit } = options
  const report = beginReport(model, out, ['picture', 'effort', 's', 'bytes', 'psnr_rgb', 'encode_s'], say)
  const rows: Row[] = []
  let pictures = 0
  for await (const { name, picture } of picturesOf(data, limit)) {
    const source = { name, picture: crop === undefined ? picture : cropOf(picture, crop, pictures) }
    for (const effort of [1, ...efforts]) {
      for (const step of STEPS) {
        const { bytes, psnr, encodeSeconds } = await roundTrip(source, model, step, { ...coding, effort })
        rows.push({ name, effort, bytes, psnr, seconds: encodeSeconds })
        report.record([name, effort, step, bytes, psnr.toFixed(4), encodeSeconds.toFixed(3)])
      }
    }
    pictures += 1
  }
  for (const line of summarise(rows, efforts)) say(line)
}

/**
 * A line for each effort: BD-rate against effort 1 over all that was measured of a picture, seconds against effort 1.
 * @example summarise(rows, [2, 5])
 */
export function summarise(rows: readonly Row[], efforts: readonly number[]): string[] {
  const pictures = [...groupedBy(rows, ({ name }) => name).values()].map((own) =>
    groupedBy(own, ({ effort }) => effort),
  )
  const table = efforts.map((effort) => {
    const rates = pictures.flatMap((own) => rateOf(own.get(effort)!, own.get(1)!) ?? [])
    const seconds = (of: number): number => mean(rows.filter((row) => row.effort === of).map((row) => row.seconds))
    const each = rates.map((rate) => 100 * Math.expm1(rate))
    const extremes = [Math.min(...each), Math.max(...each)].map((rate) => signed(rate, 2))
    return [String(effort), signed(percent(rates), 2), ...extremes, (seconds(effort) / seconds(1)).toFixed(2)]
  })
  return [
    `${pictures.length} pictures, steps of lambda ${STEPS.join(', ')}; against effort 1`,
    ...columns([['effort', 'BD-rate, %', 'best', 'worst', 'time'], ...table]),
  ]
}

/** ln of bytes over bytes at equal PSNR. */
function rateOf(ours: readonly Point[], theirs: readonly Point[]): number | null {
  const sizes = ours.map(({ bytes }) => bytes)
  const range = [Math.min(...sizes), Math.max(...sizes)] as const
  return bjontegaard(byPsnr(ours), byPsnr(theirs), range, akima)?.rate ?? null
}
