/** What integer inference costs: a model's rate and PSNR against those of the float original. */
import { columns } from '../../columns.js'
import { DdncError, type Model } from '../../index.js'
import { mean } from './metrics.js'
import { picturesOf, readFigures } from './pictures.js'
import { beginReport, signed, type Say } from './report.js'
import { bitsPerPixel, roundTrip } from './roundTrip.js'

export type IntegersOptions = Readonly<{
  /** Quantised with escape off: the float original has none. */
  model: Model
  data: string
  reference: string
  out?: string | undefined
  limit?: number | undefined
}>

type Row = Readonly<{ name: string; step: number; bpp: number; psnr: number; floatBpp: number; floatPsnr: number }>

export async function measureIntegers(options: IntegersOptions, say: Say): Promise<void> {
  const { model, data, reference, out, limit } = options
  const figures = await readFigures(reference)
  const heading = ['picture', 's', 'bpp', 'psnr_rgb', 'float_bpp', 'float_psnr_rgb', 'decibel', 'rate_percent']
  const report = beginReport(model, out, heading, say)
  const rows: Row[] = []
  for await (const named of picturesOf(data, limit)) {
    for (const step of figures.steps) {
      const float = figures.at(named.name, step)
      if (float === undefined) continue
      const { bits, psnr } = await roundTrip(named, model, step)
      const bpp = bitsPerPixel(bits, named.picture)
      const row = { name: named.name, step, bpp, psnr, floatBpp: float.bpp, floatPsnr: float.psnr }
      rows.push(row)
      report.record([row.name, step, bpp, psnr, float.bpp, float.psnr, psnr - float.psnr, rateChange(row)])
    }
  }
  if (rows.length === 0) {
    const allowed = `a folder with pictures that ${reference} names`
    throw new DdncError({ tag: 'BadOption', option: '--data', found: data, allowed })
  }
  const steps = figures.steps.filter((step) => rows.some((row) => row.step === step))
  for (const line of summarise(steps, rows)) say(line)
}

const rateChange = (row: Row): number => 100 * (row.bpp / row.floatBpp - 1)

function summarise(steps: readonly number[], rows: readonly Row[]): string[] {
  const table = steps.map((step) => {
    const at = rows.filter((row) => row.step === step)
    const bpp = mean(at.map((row) => row.bpp))
    const floatBpp = mean(at.map((row) => row.floatBpp))
    const worstLoss = at.reduce((worst, row) => (row.psnr - row.floatPsnr < worst.psnr - worst.floatPsnr ? row : worst))
    const worstRate = at.reduce((worst, row) => (rateChange(row) > rateChange(worst) ? row : worst))
    return [
      (1 + step / 10).toFixed(1),
      floatBpp.toFixed(4),
      bpp.toFixed(4),
      signed(100 * (bpp / floatBpp - 1), 3),
      mean(at.map((row) => row.floatPsnr)).toFixed(3),
      mean(at.map((row) => row.psnr)).toFixed(3),
      signed(mean(at.map((row) => row.psnr - row.floatPsnr)), 4),
      `${signed(worstLoss.psnr - worstLoss.floatPsnr, 3)} ${worstLoss.name}`,
      `${signed(rateChange(worstRate), 2)} ${worstRate.name}`,
    ]
  })
  const heading = ['ln lambda', 'float bpp', 'bpp', '%', 'float PSNR', 'PSNR', 'dB', 'worst dB', 'worst rate, %']
  return [
    'rates as the sum of -log2 p, without a file\'s framing; "worst" is a single picture, at another rate and PSNR',
    ...columns([heading, ...table]),
  ]
}
