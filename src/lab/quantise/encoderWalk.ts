/** An encoder's walk over one picture without its file: for calibration, and for what integers cost. */
import { fineLayersAt, lambdaOf } from '../../codec/lambda.js'
import { defaultProfile } from '../../codec/streams.js'
import type { Engine } from '../../engine/engine.js'
import { nearest, rateDistortion, recording, type ChoiceListener } from '../../network/guides.js'
import { layoutOf } from '../../network/layout.js'
import type { CellGridModel } from '../../network/model.js'
import type { Picture } from '../../network/picture.js'
import type { Painted } from '../../network/paint.js'
import { reconstruct } from '../../network/reconstruct.js'
import { targetsOf } from '../../network/target.js'
import type { Guide } from '../../network/walk.js'
import type { CellCandidates } from '../../network/candidates.js'

/**
 * Walks a picture in three components as `compress` does, in the model's default profile, at several steps of λ.
 * @returns a function of the step, which may be told every choice
 * @example const { planes } = encoderOf(floatEngine, model, picture)(40)
 */
export function encoderOf(
  engine: Engine,
  model: CellGridModel,
  picture: Picture,
): (s: number, listen?: ChoiceListener<CellCandidates>) => Painted {
  const layout = layoutOf(picture.width, picture.height, 0)
  const targetOf = targetsOf(engine, picture, model, layout)
  const weights = new Float64Array(192).fill(1)
  return (s, listen = () => {}) => {
    const task = { layout, s, fineLayers: fineLayersAt(model, s) }
    const guideOf = (tile: number | null): Guide<CellCandidates> =>
      defaultProfile(model) === 'entropy'
        ? rateDistortion(targetOf(tile), weights, lambdaOf(s))
        : nearest(targetOf(tile))
    const work = reconstruct(engine, model, task, (tile) => recording(guideOf(tile), listen))
    for (;;) {
      const step = work.next()
      if (step.done) return step.value
    }
  }
}
