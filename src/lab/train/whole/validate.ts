/** How good a whole-image network is on pictures that it does not train on. Looking changes nothing of the run. */
import type { Tensor } from '@tensorflow/tfjs-core'
import { pictureAt, type PictureSet } from '../../data/pictureSet.js'
import { spread } from '../../quantise/crops.js'
import { deadShareOf, usageOf, type Counts } from '../counts.js'
import type { Validation } from '../log.js'
import type { Operations } from '../operations.js'
import { wholeImageRecipe } from '../recipe.js'
import type { Run } from '../run.js'
import { finitePsnrOf } from '../score.js'
import { insideOf, type WholeImageStructure } from '../../../network/wholeStructure.js'
import { pictureSetFor, wantedOf } from './batch.js'
import { UNIT } from './candidates.js'
import { unstacked } from './parameters.js'
import { doubled, flattened } from './scales.js'
import { beginning, choicesOf, placesOf, walk } from './walk.js'

/** Pictures that are looked at, evenly over the test part: some seconds. */
const PICTURES = 1000
/** Of them at once. */
const BATCH = 100
/** Numbers of choices at which a path is cut and its picture looked at. */
const CUTS = 10

/**
 * Numbers of choices that are looked at: tenths of all, rounded up.
 * @example cutsOf(12) // [2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
 */
export const cutsOf = (choices: number): number[] => [
  ...new Set(Array.from({ length: CUTS }, (_, i) => Math.ceil((choices * (i + 1)) / CUTS))),
]

/**
 * Walks pictures to the nearest candidates with the averaged weights, and looks at what paths of several lengths show: the
 * picture at full size, rounded, as a decoder gives it.
 * @param set the test part
 * @returns mean squared errors (`loss`), their PSNR, bits of the paths; use of candidates over all pictures, by choice
 * @throws the signal's reason when it aborts; the run is then as it was, too
 * @example const { rates } = await validateWhole(ops, run, test)
 *   rates.at(-1) // { at: 10, loss: 650, bits: 60, psnr: 20 }
 */
export function validateWhole(ops: Operations, run: Run, set: PictureSet, signal?: AbortSignal): Promise<Validation> {
  const { tf } = ops
  const { whole: outside } = wholeImageRecipe(run.recipe).structure
  const whole = insideOf(outside)
  const checked = pictureSetFor(set, outside)
  const choices = choicesOf(whole)
  const cuts = cutsOf(choices)
  const chosen = spread(
    Array.from({ length: checked.count }, (_, i) => i),
    PICTURES,
  )
  const squares = cuts.map(() => 0)
  const counts: Counts[] = Array.from({ length: choices }, () => new Uint32Array(whole.K))
  return run.adam.withAverage(async () => {
    for (let from = 0; from < chosen.length; from += BATCH) {
      await new Promise((resolve) => setTimeout(resolve)) // Ctrl-C is heard between batches
      signal?.throwIfAborted()
      const indices = chosen.slice(from, from + BATCH)
      const [errors, paths] = tf.tidy(() => shownErrors(ops, outside, run, checked, indices, cuts))
      const [ofCuts, taken] = [await errors.data<'float32'>(), await paths.data<'int32'>()]
      tf.dispose([errors, paths])
      squares.forEach((_, i) => (squares[i] += ofCuts[i]))
      taken.forEach((k, i) => counts[Math.floor(i / indices.length)][k]++)
    }
    const samples = chosen.length * pictureAt(checked, 0).data.length
    return {
      step: run.step,
      rates: cuts.map((at, i) => {
        const loss = squares[i] / samples
        return { at, loss, bits: at * Math.log2(whole.K), psnr: finitePsnrOf(loss) }
      }),
      usage: counts.map((own) => usageOf(own, whole.K)),
      dead: counts.map(deadShareOf),
    }
  })
}

/** Squared errors in grey levels after every cut, [cuts], and all paths, int32 [choices, pictures]. */
function shownErrors(
  ops: Operations,
  outside: WholeImageStructure['whole'],
  run: Run,
  set: PictureSet,
  indices: readonly number[],
  cuts: readonly number[],
): [Tensor, Tensor] {
  const { tf } = ops
  const whole = insideOf(outside)
  const still = indices.map((index) => ({ index, mirrored: false, down: 0, across: 0 }))
  const { pixels, targets, labels } = wantedOf(ops, outside, set, still)
  const all = choicesOf(whole)
  const { choices } = walk(
    ops,
    whole,
    unstacked(ops, whole, run.weights),
    beginning(ops, whole, still.length),
    { first: 0, end: all },
    {
      targets,
      labels,
      given: Array.from({ length: all }, () => null),
    },
  )
  const places = placesOf(whole)
  const rounded = (x: Tensor): Tensor => tf.round(tf.clipByValue(tf.add(tf.mul(x, UNIT), 128), 0, 255))
  const wanted = tf.add(tf.mul(pixels, UNIT), 128)
  const errors = cuts.map((cut) => {
    const x = choices.x[cut - 1]
    const shown = atFullSize(
      ops,
      tf.slice(x, [0, 0, 0, 0], [still.length, whole.components, ...x.shape.slice(2)]),
      places[cut - 1],
      outside,
    )
    // By rows first: some backends add large tensors imprecisely.
    const rows = tf.sum(tf.square(tf.sub(rounded(shown), wanted)), [2, 3])
    return tf.sum(rows)
  })
  return [tf.stack(errors), tf.stack([...choices.taken])]
}

/** A picture of a stage as a path that ends there shows it, [batch, height, width, components]. @param picture planes */
function atFullSize(
  ops: Operations,
  picture: Tensor,
  { stage }: { stage: number },
  { stages, patch }: Pick<WholeImageStructure['whole'], 'stages' | 'patch'>,
): Tensor {
  let shown = picture
  for (let scale = stages[stage].scale; scale > 1; scale /= 2) shown = doubled(ops, shown)
  return flattened(ops, ops.tf.transpose(shown, [0, 2, 3, 1]), patch)
}
