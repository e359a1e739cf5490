/**
 * Micro-models whose candidates are whole pictures: every tool of SPEC 4.6 in a few kilobytes, for tests and fuzzing.
 * Nothing is trained: weights are small integers drawn from the tensor's name, sized so that candidates differ by some
 * grey levels and no trunk saturates for long.
 */
import type { Numbers } from '../../engine/engine.js'
import type { TensorType } from '../../network/pull.js'
import type { StageStructure, WholeImageStructure, WholeLayerStructure } from '../../network/wholeStructure.js'
import { fileOf, filled, generator, partsOf, type ModelParts } from './micro.js'

export type MicroWholeName = keyof typeof STRUCTURES

/** A layer at one resolution: a block, then heads. */
const flat = (channels: number, hidden: number): WholeLayerStructure => ({
  levels: [{ channels, down: [{ hidden, inputShift: 1 }], up: [], downShift: 0, upShift: 0 }],
  headShift: 0,
  poolShift: 7,
  pictureShift: 1,
  priorShift: 8,
})

const stage = (
  fields: Partial<StageStructure> & Pick<StageStructure, 'scale' | 'channels' | 'layers'>,
): StageStructure => ({
  steps: fields.layers.length,
  recurrent: false,
  upShift: 1,
  carryShift: 0,
  ...fields,
})

const STRUCTURES = {
  /** Single Shot Generator: 8×8, then 16×16, grey, with leak and prior. L = 5, K = 3: 8 bits. */
  shot: {
    name: 'micro-s',
    profiles: ['plain'],
    whole: {
      width: 16,
      height: 16,
      components: 1,
      patch: 1,
      classes: 0,
      K: 3,
      leak: 2,
      residual: true,
      rank: 2,
      stages: [
        stage({ scale: 2, channels: 8, layers: [flat(8, 4), flat(8, 6)] }),
        stage({ scale: 1, channels: 6, layers: [flat(6, 4), flat(6, 4), flat(6, 3)] }),
      ],
    },
  },
  /** Recurrence Iteration: a UNet of two levels, walked seven times, in colour, without a prior. L = 7, K = 2: 7 bits. */
  recur: {
    name: 'micro-r',
    profiles: ['plain'],
    whole: {
      width: 12,
      height: 8,
      components: 3,
      patch: 1,
      classes: 0,
      K: 2,
      leak: 0,
      residual: true,
      rank: 0,
      stages: [
        stage({
          scale: 1,
          channels: 6,
          steps: 7,
          recurrent: true,
          layers: [
            {
              ...flat(6, 4),
              levels: [
                {
                  channels: 6,
                  down: [{ hidden: 4, inputShift: 0 }],
                  up: [{ hidden: 5, inputShift: 1 }],
                  downShift: 1,
                  upShift: 0,
                },
                {
                  channels: 10,
                  down: [
                    { hidden: 6, inputShift: 1 },
                    { hidden: 4, inputShift: 0 },
                  ],
                  up: [],
                  downShift: 0,
                  upShift: 0,
                },
              ],
            },
          ],
        }),
      ],
    },
  },
  /** Conditional, a position for 2×2 pixels, one layer walked four times, candidates that stand for themselves. L = 4, K = 5: 10 bits. */
  class: {
    name: 'micro-c',
    profiles: ['plain'],
    whole: {
      width: 8,
      height: 8,
      components: 1,
      patch: 2,
      classes: 3,
      K: 5,
      leak: 1,
      residual: false,
      rank: 3,
      stages: [stage({ scale: 1, channels: 8, steps: 4, recurrent: true, layers: [flat(8, 4)] })],
    },
  },
} satisfies Record<string, WholeImageStructure>

/**
 * Structure and tensors of a micro-model of whole pictures.
 * @example const model = await readModel(writeModel(structure, tensors)) // of microWholeParts('shot')
 */
export function microWholeParts(name: MicroWholeName): ModelParts<WholeImageStructure> {
  const structure: WholeImageStructure = STRUCTURES[name]
  return partsOf(structure, (tensor, shape, types) => tensorOf(`${name}.${tensor}`, shape, types))
}

/**
 * The `.ddnm` of a micro-model of whole pictures.
 * @example const model = await readModel(microWholeFile('shot'))
 */
export const microWholeFile = (name: MicroWholeName): Uint8Array => fileOf(microWholeParts(name))

/** Weights ±amplitude, shift, and whether they take 16 bits, by the convolution's last part. */
const CONVOLUTIONS: Readonly<Record<string, readonly [amplitude: number, shift: number, wide?: boolean]>> = {
  hidden: [100, 7],
  output: [800, 12, true],
  up: [110, 7],
  carry: [100, 7],
  downTo: [90, 8],
  upFrom: [500, 10, true],
  candidates: [120, 8],
  feedback: [60, 6],
  z: [100, 6],
}

function tensorOf(name: string, shape: readonly number[], types: readonly TensorType[]): Numbers {
  const random = generator(name)
  const parts = name.split('.')
  switch (parts.at(-1)!) {
    case 'start':
      return filled(shape, 'I16', () => random(3000))
    case 'class':
    case 'step':
      return filled(shape, 'I16', () => random(700))
    case 'priorTable':
      return filled(shape, 'I16', () => random(40))
    case 'priorBias':
      return filled(shape, 'I32', () => random(2 ** 16))
  }
  const [amplitude, shift, wide] = CONVOLUTIONS[parts.at(-2)!]
  switch (parts.at(-1)!) {
    case 'shift':
      return filled(shape, 'U8', () => shift + (random(1) === 1 ? 1 : 0))
    case 'bias':
      return filled(shape, 'I32', () => random(2 ** shift * 40))
  }
  return filled(shape, wide ? 'I16' : types[0], () => random(amplitude))
}
