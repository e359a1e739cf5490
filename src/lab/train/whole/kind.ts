/** Whole-image networks in training. */
import type { NamedTensorMap } from '@tensorflow/tfjs-core'
import { usageOf, type Counts } from '../counts.js'
import { sameWeights } from '../from.js'
import type { PictureSet } from '../../data/pictureSet.js'
import type { Data, Gradient, Kind } from '../kind.js'
import type { Operations } from '../operations.js'
import { insideOf } from '../../../network/wholeStructure.js'
import type { Run } from '../run.js'
import { wholeScore } from '../score.js'
import { splitOf } from '../splitPrune.js'
import { firstValues } from '../start.js'
import { shardOf, sumCounts, type Team } from '../team.js'
import type { Distribution } from '../usage.js'
import { drawBatch, meanOf, pictureSetFor, wantedOf } from './batch.js'
import { gradientsOf, type Seen } from './objective.js'
import { wholeParametersOf, type Whole } from './parameters.js'
import type { WholeRecipe } from './recipe.js'
import { cloneCandidate, splitAndPruneCounts } from './splitPrune.js'
import { choicesOf, placesOf } from './walk.js'

/** @example wholeKind(wholeImageRecipe(readRecipe(text))).layers // ['1: 7×7', …] */
export function wholeKind(recipe: WholeRecipe): Kind {
  const { whole: outside } = recipe.structure
  const whole = insideOf(outside)
  const choices = choicesOf(whole)
  const parameters = wholeParametersOf(whole)
  /** Data that were looked at: a step need not go through the labels of the whole set again. */
  const known = new WeakMap<Data, PictureSet>()
  const setFor = (data: Data): PictureSet => {
    const set = known.get(data) ?? pictureSetFor(data, outside)
    known.set(data, set)
    return set
  }
  return {
    parameters,
    begin(data, random) {
      const mean = meanOf(setFor(data))
      // The components of a pixel after those of another: all pixels of a patch alike.
      const start = {
        uniform: random.next,
        mean: Array.from({ length: whole.components }, (_, i) => mean[i % mean.length]),
      }
      return firstValues(parameters, start)
    },
    matching: (saved) => sameWeights(parameters, saved),
    distributions: whole.stages.flatMap(({ layers }, stage) =>
      layers.map((_, layer) => distributionOf(`stage.${stage}`, layer, whole.K)),
    ),
    layers: placesOf(whole).map(({ stage }, c) => {
      const { scale } = whole.stages[stage]
      return `${c + 1}: ${whole.width / scale}×${whole.height / scale}`
    }),
    choices: choices * whole.K,
    // A picture is what work is measured in.
    sizes: [{ from: 0, batch: recipe.training.batch, crop: 1 }],
    score: wholeScore(choices),
    gradient: (ops, run, data, share, team) => gradientOf(recipe, ops, run, setFor(data), share, team),
  }
}

const distributionOf = (stage: string, layer: number, K: number): Distribution => ({
  name: `${stage}.layer.${layer}`,
  shape: [1, K],
  isDue: (counts, thresholds) => splitOf(counts, thresholds) !== null,
  splitAndPrune(counts, slots, balance, thresholds) {
    const split = splitAndPruneCounts(counts, thresholds)
    if (!split) return 0
    cloneCandidate(stage, layer, K, split, slots)
    balance[split.to] = balance[split.from]
    return 1
  },
})

/** Of every choice, the distribution that it is from. */
const distributionOfChoices = (whole: Pick<Whole, 'stages'>): number[] =>
  placesOf(whole).map(({ stage, layer }) =>
    whole.stages.slice(0, stage).reduce((sum, { layers }) => sum + layers.length, layer),
  )

function gradientOf(
  { structure: { whole: outside }, training }: WholeRecipe,
  ops: Operations,
  run: Run,
  set: PictureSet,
  share: number,
  team: Team,
): Gradient {
  const { tf } = ops
  const whole = insideOf(outside)
  const choices = choicesOf(whole)
  const { pictures, dropped } = drawBatch(set, training, whole.K, choices, run.random)
  const { first, end } = shardOf(training.batch, team)
  const own = pictures.slice(first, end)
  const owners = distributionOfChoices(whole)
  const held: { seen: Seen | null } = { seen: null }
  const grads = tf.tidy((): NamedTensorMap => {
    if (own.length === 0) return {}
    const biases = run.usage.balance(tf, share)
    const { targets, labels } = wantedOf(ops, outside, set, own)
    const task = {
      targets,
      labels,
      given: dropped.map((all) => all && tf.tensor1d(all.subarray(first, end), 'int32')),
      balance: biases && owners.map((i) => biases[i]),
    }
    const objective = { whole, prior: training.prior, batch: training.batch }
    const { grads, ...rest } = gradientsOf(ops, objective, run.weights, task, training.segment)
    held.seen = rest.seen
    return grads
  })
  return {
    grads,
    async look() {
      const { seen } = held
      const [errors, nearest, bits] = await Promise.all([
        seen?.errors.data<'float32'>() ?? [],
        seen?.nearest.data<'int32'>() ?? [],
        seen?.bits?.data<'float32'>() ?? [],
      ])
      if (seen) tf.dispose([seen.errors, seen.nearest, ...(seen.bits ? [seen.bits] : [])])
      /** Means over the batch, of every choice. */
      const means = (values: ArrayLike<number>): number[] => {
        const sums = Array.from({ length: choices }, (_, c) => {
          let sum = 0
          for (let i = c * own.length; i < (c + 1) * own.length; i++) sum += values[i]
          return sum
        })
        return team
          .share(sums)
          .reduce((a, b) => a.map((x, c) => x + b[c]))
          .map((sum) => sum / training.batch)
      }
      const loss = means(errors)
      const cost = whole.rank > 0 ? means(bits) : null
      const counts = sumCounts(
        Array.from({ length: choices }, (_, c) => {
          const counts: Counts = new Uint32Array(whole.K)
          for (let i = c * own.length; i < (c + 1) * own.length; i++) counts[nearest[i]]++
          return counts
        }),
        team,
      )
      return {
        row: {
          loss,
          bits: Array.from({ length: choices }, (_, c) => (cost ? cost[c] : null)),
          usage: counts.map((own) => usageOf(own, whole.K)),
        },
        counts: pooled(counts, owners),
      }
    },
  }
}

/** Counts of distributions from those of choices. */
export function pooled(counts: readonly Counts[], owners: readonly number[]): Counts[] {
  const all: Counts[] = []
  owners.forEach((owner, c) => {
    all[owner] ??= new Uint32Array(counts[c].length)
    counts[c].forEach((count, k) => (all[owner][k] += count))
  })
  return all
}
