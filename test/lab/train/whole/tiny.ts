/** Whole-image recipes that plain JavaScript can train, and pictures for them. */
import type { PictureSet } from '../../../../src/lab/data/pictureSet.js'
import { uniformFrom } from '../../../../src/network/uniform.js'

const TRAINING = {
  seed: 1,
  batch: 4,
  learningRate: { start: 0.01, warmUp: 2, hold: 0.5, lowest: 0.02 },
  adam: { betas: [0.9, 0.99], epsilon: 1e-8, clip: 1 },
  average: 0.998,
  chainDropout: 0,
  prior: 0,
  data: { mirror: false, shift: 0, resize: false, validation: 0 },
}

/** Two stages, two choices among 3 each, with leaks. */
const SHOT = {
  width: 8,
  height: 4,
  components: 1,
  classes: 0,
  K: 3,
  leak: 1,
  residual: true,
  rank: 0,
  stages: [
    { scale: 2, steps: 2, recurrent: false, levels: [{ channels: 4, down: [3], up: [] }] },
    { scale: 1, steps: 2, recurrent: false, levels: [{ channels: 2, down: [2, 2], up: [] }] },
  ],
}

/** A UNet of two levels, walked three times. */
export const UNET_STAGES = [
  {
    scale: 1,
    steps: 3,
    recurrent: true,
    levels: [
      { channels: 3, down: [2], up: [2] },
      { channels: 4, down: [2], up: [] },
    ],
  },
]

/**
 * @param whole changes of the structure
 * @param training changes of the training
 * @example wholeRecipe({ stages: UNET_STAGES }, { chainDropout: 0.5 })
 */
export const wholeRecipe = (whole: object = {}, training: object = {}): string =>
  JSON.stringify({
    name: 'tiny',
    structure: { profiles: ['plain'], whole: { ...SHOT, ...whole } },
    training: { ...TRAINING, ...training },
  })

/** Pictures of blobs, of as many classes as asked for. */
export function blobs(count: number, { width = 8, height = 4, components = 1 as 1 | 3, classes = 3 } = {}): PictureSet {
  const uniform = uniformFrom(count)
  const data = new Uint8Array(count * width * height * components)
  const labels = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    labels[i] = i % classes
    const [x, y, radius] = [uniform() * width, uniform() * height, 1 + labels[i]]
    for (let p = 0; p < width * height; p++) {
      const isInside = Math.hypot((p % width) - x, Math.floor(p / width) - y) < radius
      for (let c = 0; c < components; c++) {
        data[(i * width * height + p) * components + c] = isInside ? 200 + 20 * c : 30 * uniform()
      }
    }
  }
  return { width, height, components, count, data, labels }
}
