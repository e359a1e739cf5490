/** Candidates that are whole pictures (SPEC 6.9): one cell, K of them, each evaluated only if it is looked at. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import { lazy, type CandidateSet } from './candidates.js'
import { averaged, clampPicture } from './wholePicture.js'
import type { WholeImageModel, WholeStep } from './wholeModel.js'

/** Outputs of all K candidates that are held at once. */
const STRIP = 1 << 20

/** One cell of one position; `layer` has K leaves. */
export type PictureCandidates = CandidateSet &
  Readonly<{
    /** Width and height of the candidates. */
    pictureSize: Size
    /**
     * Candidate k.
     * @returns int32 [positions, components] of the stage's size, patches inside, 1/64 grey level
     */
    picture(k: number): Numbers
    /** Its leak channels, int32 [positions, leak], within ±8191. */
    leak(k: number): Numbers
  }>

/** What candidates are made of: the state of a walk after its heads' input is there. */
export type CandidateSource = Readonly<{
  model: WholeImageModel
  step: WholeStep
  /** [positions, channels]: ReLU(h), the input of all candidates. */
  input: Numbers
  /** Chosen last, at the stage's size. */
  picture: Numbers
  /** [min(positions, strip), outputs] int32 */
  wide: Numbers
  pooled: Numbers
  z: Numbers
  frequencies: Numbers
}>

/** Positions whose K candidates are made at once. */
export const stripOf = (outputs: number): number => Math.max(1, Math.floor(STRIP / outputs))

/** @param source stands until the next layer is run */
export function pictureCandidates(engine: Engine, source: CandidateSource): PictureCandidates {
  const { model, step, input } = source
  const { leak: leaks } = model
  const { components } = model.inside
  const { layer, stage } = step
  const positions = stage.size.width * stage.size.height
  const each = components + leaks
  /** Some outputs of candidate k. */
  const outputs = (k: number, first: number, end: number): Numbers => {
    const out = engine.allocate('int32', positions * (end - first))
    engine.conv1x1Outputs(layer.candidates, input, positions, k * each + first, k * each + end, out)
    return out
  }
  return {
    layer: { ...layer.cell, name: step.name },
    from: 0,
    size: ONE,
    pictureSize: stage.size,
    frequencies: lazy(() => frequenciesOf(engine, source)),
    picture(k) {
      const out = outputs(k, 0, components)
      const base = model.residual ? source.picture : null
      for (let i = 0; i < out.length; i++) out[i] = clampPicture((base ? base[i] : 0) + out[i])
      return out
    },
    leak: (k) => outputs(k, components, each).map((x) => engine.narrowed(x, 0)),
    distanceTo(target) {
      const errors = squaredErrors(engine, source, target)
      return { of: (_, row) => errors[row], nearestCount: () => 0 }
    },
  }
}

const ONE: Size = { width: 1, height: 1 }

/** Prior of the one cell: from the mean of the heads' input over the picture. */
function frequenciesOf(engine: Engine, { step, input, pooled, z, frequencies }: CandidateSource): Numbers {
  const { layer, stage } = step
  if (!layer.z) {
    const found = 'asked for'
    throw new DdncError({ tag: 'BadOption', option: 'prior', found, allowed: 'a model that has one: this has none' })
  }
  const positions = stage.size.width * stage.size.height
  for (let c = 0; c < stage.channels; c++) {
    let sum = 0 // ≤ 2^16·8191
    for (let p = 0; p < positions; p++) sum += input[p * stage.channels + c]
    pooled[c] = engine.narrowed(sum, layer.poolShift)
  }
  engine.conv1x1(layer.z, pooled, 1, 'signed', z)
  engine.frequencies(layer.cell, z, 1, frequencies)
  return frequencies
}

/**
 * Squared error of every candidate (paper, eq. 1), in 1/4096 grey level².
 * @param target as targetOf
 * @returns [K], exact: at most 2^16·3·2^28 < 2^53
 */
function squaredErrors(engine: Engine, source: CandidateSource, target: Numbers): Float64Array {
  const { model, step, input, picture, wide } = source
  const { leak, K, residual } = model
  const { components, width, height } = model.inside
  const { candidates } = step.layer
  const { size, channels } = step.stage
  const scaled = averaged(engine, target, { width, height }, components, width / size.width)
  const errors = new Float64Array(K)
  const positions = size.width * size.height
  const each = components + leak
  const strip = stripOf(candidates.outputs)
  for (let first = 0; first < positions; first += strip) {
    const count = Math.min(strip, positions - first)
    engine.conv1x1(candidates, input.subarray(first * channels), count, 'wide', wide)
    for (let p = 0; p < count; p++) {
      for (let c = 0; c < components; c++) {
        const at = (first + p) * components + c
        const base = residual ? picture[at] : 0
        const wanted = scaled[at]
        for (let k = 0, from = p * candidates.outputs + c; k < K; k++, from += each) {
          const error = clampPicture(base + wide[from]) - wanted
          errors[k] += error * error
        }
      }
    }
  }
  return errors
}
