/** Figure 17 of the paper: densities in the plane, learned by K nodes with and without Split-and-Prune. */
import { randomFrom } from '../../../network/uniform.js'
import { columns } from '../../../columns.js'
import { writeChart } from '../../bench/chartFiles.js'
import { mean } from '../../bench/metrics.js'
import type { Say } from '../../bench/report.js'
import { chartSvg, type Chart } from '../../draw/chart.js'
import { writeCsv, writePng, type Experiment } from '../experiment.js'
import {
  densityOf,
  DENSITY_NAMES,
  drawFrom,
  uniformPoints,
  type Density,
  type DensityName,
  type Points,
} from './density.js'
import { divergence, histogram, missing, strayShare } from './divergence.js'
import { figure, type Row } from './figure.js'
import { fitOf, type Fitting } from './fit.js'

export type Toy2dSettings = Readonly<{
  /** Nodes, and draws of the column "real samples". */
  K: number
  samples: number
  /** Along a side. */
  bins: number
  /** As of `Fitting`. */
  move: number
  biasStep: number
  densities: readonly DensityName[]
  seeds: readonly number[]
}>

/** The paper's sizes. Bias steps from 10⁻⁵ to 10 were tried: D_KL falls up to about 0.3, and is then level. */
const SETTINGS = { K: 10_000, samples: 100_000, bins: 100, move: 0.4, biasStep: 1, densities: DENSITY_NAMES } as const
const SEEDS = 3

const METHODS = ['gradient', 'splitAndPrune', 'balancing'] as const
export type Method = Fitting['method'] | 'realSamples'

const TITLES: Readonly<Record<Method, string>> = {
  gradient: 'Gradient descent alone',
  splitAndPrune: 'Split-and-Prune',
  balancing: 'Loss-free balancing',
  realSamples: 'Real samples',
}
const COLOURS = ['#c0392b', '#2471a3', '#d68910', '#777777']

/** What one method made of one density. */
export type Fitted = Readonly<{
  density: DensityName
  seed: number
  method: Method
  points: Points
  /** Nats, as `divergence` and `missing`. */
  divergence: number
  missing: number
  strays: number
  /** D_KL after so many samples. */
  course: readonly (readonly [samples: number, divergence: number])[]
}>

/** Of the course that is drawn. */
const MARKS = 20

/**
 * Fits all methods to all densities; one seed after the other, so that a run may be cut short.
 * @example [...fitAll({ ...settings, densities: ['spiral'], seeds: [1] })].length // 4: a method each
 */
export function* fitAll({ K, samples, bins, move, biasStep, densities, seeds }: Toy2dSettings): Generator<Fitted> {
  for (const seed of seeds) {
    for (const name of densities) {
      const density = densityOf(name, bins)
      const random = randomFrom(seed)
      const learned = drawFrom(density, samples, random)
      const real = drawFrom(density, K, random)
      const start = uniformPoints(K, random.state())
      const judged = (method: Method, points: Points, course: Fitted['course']): Fitted => ({
        ...{ density: name, seed, method, points, course },
        divergence: divergence(points, density),
        missing: missing(points, density),
        strays: strayShare(points, density),
      })
      for (const method of METHODS) {
        const fit = fitOf(start, learned, { move, method, biasStep })
        const course = Array.from({ length: MARKS }, (_, i) => {
          const end = Math.round(((i + 1) * samples) / MARKS)
          fit.learn(end)
          return [end, divergence(fit.points(), density)] as const
        })
        yield judged(method, fit.points(), course)
      }
      yield judged('realSamples', real, [])
    }
  }
}

export const toy2d: Experiment = {
  summary: 'figure 17: densities in the plane by gradient descent alone, Split-and-Prune, balancing; D_KL',
  async run({ out, seed, steps, signal }, say) {
    const seeds = Array.from({ length: SEEDS }, (_, i) => seed + i)
    const settings: Toy2dSettings = { ...SETTINGS, samples: steps ?? SETTINGS.samples, seeds }
    const all: Fitted[] = []
    for (const fitted of fitAll(settings)) {
      // The loop is synchronous: let Ctrl-C in.
      await new Promise(setImmediate)
      signal.throwIfAborted()
      all.push(fitted)
    }
    await writeToy2d(settings, all, out, say)
  },
}

async function writeToy2d(settings: Toy2dSettings, all: readonly Fitted[], out: string, say: Say): Promise<void> {
  const { K, samples, bins, move, biasStep } = settings
  const facts = [
    `K ${K}, ${samples} samples, ${bins}×${bins} bins, move ${move}, bias step ${biasStep}`,
    'divergence: D_KL(nodes ‖ density), nats, floor 1e-24; missing: D_KL(density ‖ nodes), half a node added to every bin',
  ]
  const heading = ['density', 'seed', 'method', 'divergence', 'missing', 'strays']
  const rows = all.map((one) => {
    const figures = [one.divergence, one.missing, one.strays].map((value) => value.toFixed(4))
    return [one.density, one.seed, one.method, ...figures]
  })
  await writeCsv(out, 'toy2d', facts, [heading, ...rows])
  await writePng(out, 'toy2d', figureOf(settings, all))
  await writeChart(out, 'toy2d-course', chartSvg('D_KL while nodes learn, first seed', chartsOf(settings, all)))
  for (const line of columns(summary(settings, all))) say(line)
}

/** Mean and spread over the seeds, a line a density. */
function summary({ densities }: Toy2dSettings, all: readonly Fitted[]): string[][] {
  const methods = Object.keys(TITLES) as Method[]
  const lines = densities.map((name) => [
    name,
    ...methods.map((method) => {
      const values = all.filter((one) => one.density === name && one.method === method).map((one) => one.divergence)
      return `${mean(values).toFixed(3)} (${Math.min(...values).toFixed(3)}-${Math.max(...values).toFixed(3)})`
    }),
  ])
  return [['D_KL, nats, mean (range)', ...methods.map((method) => TITLES[method])], ...lines]
}

function figureOf({ K, bins, densities, seeds }: Toy2dSettings, all: readonly Fitted[]) {
  const rows = densities.map((name): Row => {
    const density: Density = densityOf(name, bins)
    const own = all.filter((one) => one.density === name && one.seed === seeds[0])
    const panels = own.map(({ points, divergence }) => {
      return { values: histogram(points, bins), caption: `KL ${divergence.toFixed(3)}` }
    })
    return { density, panels: [{ values: density.masses.map((mass) => mass * K), caption: name }, ...panels] }
  })
  return figure(['Density', ...Object.values(TITLES)], rows)
}

function chartsOf({ densities, samples, seeds }: Toy2dSettings, all: readonly Fitted[]): Chart[] {
  return densities.map((name) => {
    const own = all.filter((one) => one.density === name && one.seed === seeds[0])
    const lines = own.map(({ method, course, divergence }, i) => {
      const level: Fitted['course'] = [
        [0, divergence],
        [samples, divergence],
      ]
      const isLevel = course.length === 0
      return { name: TITLES[method], points: isLevel ? level : course, colour: COLOURS[i], dashed: isLevel }
    })
    const y = { label: `${name}: D_KL(nodes ‖ density), nats`, scale: 'log' } as const
    return { x: { label: 'samples', scale: 'linear', range: [0, samples] }, y, lines }
  })
}
