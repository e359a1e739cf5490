/**
 * What Split-and-Prune is for (paper, figure 10): the same network trained with it, with loss-free balancing instead, and
 * with neither. How evenly candidates are used, how many are dead, and what error is left.
 */
import { engineParts } from '../../codec/engineParts.js'
import { columns } from '../../columns.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { randomFrom } from '../../network/uniform.js'
import type { WholeImageModel } from '../../network/wholeModel.js'
import { stepsOf } from '../../network/wholeModel.js'
import { writeChart } from '../bench/chartFiles.js'
import { groupedBy, mean } from '../bench/metrics.js'
import { modelFact, type Say } from '../bench/report.js'
import { chartSvg, type Chart } from '../draw/chart.js'
import { sheetOf } from '../draw/sheet.js'
import { psnrOf } from '../train/score.js'
import { pictureOfPath } from './coding.js'
import { pointsOf, type Measured, type Point } from './compression.js'
import { writeCsv, writePng } from './experiment.js'
import type { CodedModel } from './judged.js'

/** Of one model. */
export type UsageFigures = Readonly<{
  /** Entropy of a choice as a part of log2 K: mean over the layers. */
  entropy: number
  /** Part of all candidates that are never chosen. */
  dead: number
  /** Mean squared error after the last choice. */
  mse: number
}>

/** @example figuresOf(pointsOf(coded), 64).dead // 0.2 */
export function figuresOf(points: readonly Point[], K: number): UsageFigures {
  return {
    entropy: mean(points.map(({ entropy }) => entropy)) / Math.log2(K),
    dead: mean(points.map(({ dead }) => dead)) / K,
    mse: points[points.length - 1].mse,
  }
}

const COLOURS = ['#2471a3', '#d68910', '#c0392b', '#8e44ad', '#27ae60']

/** Random paths that are shown of the first seed of each method. */
const SAMPLES = { columns: 16, rows: 4 } as const

/** Writes splitprune.csv, splitprune-layers.csv, splitprune.svg and .png, and a sheet of samples for each method. */
export async function writeSplitPrune(all: readonly CodedModel[], out: string, say: Say): Promise<void> {
  const measured = all.map((one) => ({ ...one, points: pointsOf(one.coded) }))
  const facts = all.map(({ variant, seed, model }) => `${variant}, seed ${seed ?? 'unknown'}: ${modelFact(model)}`)
  const rows = measured.map(({ variant, seed, model, points }) => {
    const { entropy, dead, mse } = figuresOf(points, model.K)
    return [variant, seed ?? '', entropy.toFixed(4), dead.toFixed(4), mse.toFixed(3), psnrOf(mse).toFixed(3)]
  })
  const heading = ['method', 'seed', 'entropy / log2 K', 'dead', 'mse', 'psnr']
  await writeCsv(out, 'splitprune', facts, [heading, ...rows])
  const layers = measured.flatMap(({ variant, seed, points }) =>
    points.map(({ choices, entropy, dead, mse }) => [
      variant,
      seed ?? '',
      choices,
      entropy.toFixed(4),
      dead,
      mse.toFixed(3),
    ]),
  )
  await writeCsv(out, 'splitprune-layers', facts, [['method', 'seed', 'choice', 'entropy', 'dead', 'mse'], ...layers])
  const methods = [...groupedBy(measured, ({ variant }) => variant)]
  const firsts = methods.map(([, [first]]) => first)
  await writeChart(out, 'splitprune', chartSvg('Use of candidates by layer, first seed', chartsOf(firsts)))
  for (const { variant, model } of firsts) await writePng(out, `splitprune-${variant}`, await samplesOf(model))
  const lines = methods.map(([method, own]) => {
    const figures = own.map(({ points, model }) => figuresOf(points, model.K))
    const range = (of: (one: UsageFigures) => number, digits: number): string => {
      const values = figures.map(of)
      const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits))
      return `${mean(values).toFixed(digits)} (${low}-${high})`
    }
    return [method, range((one) => one.entropy, 3), range((one) => one.dead, 3), range((one) => one.mse, 1)]
  })
  for (const line of columns([['mean (range over seeds)', 'entropy / log2 K', 'dead', 'mse'], ...lines])) say(line)
}

function chartsOf(firsts: readonly Measured[]): Chart[] {
  const x = { label: 'choice', scale: 'linear' } as const
  const chart = (label: string, of: (point: Point, K: number) => number): Chart => ({
    x,
    y: { label, scale: 'linear' },
    lines: firsts.map(({ variant, model, points }, i) => {
      const own = points.map((point) => [point.choices, of(point, model.K)] as const)
      return { name: variant, colour: COLOURS[i % COLOURS.length], points: own }
    }),
  })
  return [
    chart('entropy, part of log2 K', ({ entropy }, K) => entropy / Math.log2(K)),
    chart('dead candidates, part of K', ({ dead }, K) => dead / K),
    chart('mean squared error', ({ mse }) => mse),
  ]
}

/** Pictures of random paths: what a dead candidate costs is seen there. */
export async function samplesOf(model: WholeImageModel) {
  const engine = await loadEngine('wasm', engineParts(model))
  const random = randomFrom(1)
  const length = stepsOf(model).length
  const pictures = Array.from({ length: SAMPLES.columns * SAMPLES.rows }, () => {
    const path = Uint16Array.from({ length }, () => Math.floor(random.next() * model.K))
    return pictureOfPath(engine, model, path, 0)
  })
  return sheetOf(pictures, SAMPLES.columns)
}
