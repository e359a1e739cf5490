/** Every bound of SPEC 4.5, broken by one number in one tensor of the micro-model. */
import { describe, expect, test } from 'vitest'
import { DdncError, loadModel } from '../../src/index.js'
import { largestSum, proveBounds } from '../../src/network/bounds.js'
import type { Convolution } from '../../src/engine/engine.js'
import { microWholeParts } from '../../src/lab/quantise/microWhole.js'
import { writeModel } from '../../src/network/modelFile.js'
import { altered, micro, microPlain, WHOLE_MODELS } from '../micro.js'

const refusal = async (tensor: string, index: number, value: number): Promise<string> => {
  const bytes = altered({
    tensors: {
      [tensor]: ({ shape, data }) => {
        data[index] = value
        return { shape, data }
      },
    },
  })
  try {
    await loadModel(bytes)
    return 'loaded'
  } catch (error) {
    expect(error).toBeInstanceOf(DdncError)
    expect((error as DdncError).fault.tag).toBe('Corrupt')
    return (error as DdncError).message
  }
}

const largest = 2 ** 31 - 1

test('the micro-models are within their bounds', () => {
  for (const model of [micro, microPlain]) expect(() => proveBounds(model)).not.toThrow()
})

test('the largest sum: the larger of Σw⁺ and Σ|w⁻| where inputs are rectified, both where they are signed', () => {
  const convolution: Convolution = {
    name: 'two outputs',
    side: 1,
    inputs: 3,
    outputs: 2,
    weights: Int8Array.of(3, -2, 4, -5, -1, 1),
    bias: Int32Array.of(-10, 20),
    shift: Uint8Array.of(0, 3),
  }
  expect(largestSum(convolution, 'rectified', 0)).toBe(8191 * 7 + 10)
  expect(largestSum(convolution, 'signed', 0)).toBe(8191 * 9 + 10)
  expect(largestSum(convolution, 'rectified', 1)).toBe(8191 * 6 + 20 + 4)
  expect(largestSum(convolution, 'signed', 1)).toBe(8191 * 7 + 20 + 4)
})

describe('convolutions', () => {
  test.each([
    'coarse.0.block.hidden',
    'fine.3.block.hidden',
    'cleanUp.fromPicture',
    'cleanUp.block.hidden',
    'cleanUp.output',
  ])('3×3 of int8, %s: the sum stays below 2^29, no weight is −128, no shift above 30', async (name) => {
    expect(await refusal(`${name}.bias`, 0, 2 ** 29)).toMatch(`${name}, output 0: sum`)
    expect(await refusal(`${name}.bias`, 0, -(2 ** 29))).toMatch(`${name}, output 0: sum`)
    expect(await refusal(`${name}.weights`, 0, -128)).toMatch(`${name}.weights`)
    expect(await refusal(`${name}.shift`, 1, 31)).toMatch(`${name}.shift`)
  })

  test('3×3 of int16: below 2^31, 2^16 less where the trunk is added; −128 is a weight like others', async () => {
    expect(await refusal('entry.low.bias', 0, 2 ** 29)).toBe('loaded')
    expect(await refusal('entry.low.bias', 0, 2 ** 31 - 2 ** 16)).toMatch('entry.low, output 0: sum')
    expect(await refusal('entry.low.weights', 0, -128)).toBe('loaded')
  })

  const apart = ['coarse.0.z', 'coarse.1.meanScale', 'fine.2.z', 'entry.up', 'closing']
  test.each(apart)('1×1, %s: below 2^31', async (name) => {
    expect(await refusal(`${name}.bias`, 1, largest)).toMatch(`${name}, output 1: sum`)
    expect(await refusal(`${name}.shift`, 0, 31)).toMatch(`${name}.shift`)
  })

  test.each([
    'coarse.0.block.output',
    'coarse.0.feedback',
    'fine.1.feedback',
    'entry.mix',
    'cleanUp.fromTrunk',
    'cleanUp.block.output',
  ])('1×1 added to the trunk, %s: 2^16 less', async (name) => {
    expect(await refusal(`${name}.bias`, 1, 2 ** 31 - 2 ** 16)).toMatch(`${name}, output 1: sum`)
  })

  test('means and ln σ stay below 2^30 after their shift', async () => {
    // Shift 0 and a sum between 2^30 and 2^31.
    const bytes = altered({
      tensors: {
        'fine.0.meanScale.bias': ({ shape, data }) => ({ shape, data: data.fill(2 ** 30, 0, 1) }),
        'fine.0.meanScale.shift': ({ shape, data }) => ({ shape, data: data.fill(0, 0, 1) }),
      },
    })
    await expect(loadModel(bytes)).rejects.toThrow('fine.0.meanScale, output 0')
  })
})

describe('layers and grids', () => {
  test.each(['coarse.start', 'fine.start', 'coarse.1.block.lambda', 'fine.0.headLambda', 'fine.3.scaleLambda'])(
    'λ biases, %s: at most 2^20 at every step',
    async (name) => {
      const channels = 8 // of the trunks, and coefficients of fine.3
      // 2^20 in 1/65536 does not fit in int32, so a constant alone cannot break it; 40 or 1600 times that can.
      expect(await refusal(name, channels, largest)).toMatch(`${name}, channel 0`)
      expect(await refusal(name, 2 * channels + 1, -largest)).toMatch(`${name}, channel 1`)
    },
  )

  test('logits stay below 2^31 before their shift', async () => {
    expect(await refusal('coarse.0.priorBias', 3, largest)).toMatch('coarse.0.priorTable, row 3: sum')
    expect(await refusal('fine.0.priorBias', 0, -largest)).toMatch('fine.0.priorTable, row 0: sum')
  })

  test('ln of a scale stays within ±4800', async () => {
    expect(await refusal('fine.1.scaleBase', 2, 4801)).toMatch('fine.1.scaleBase')
    expect(await refusal('fine.1.scaleBase', 2, -4801)).toMatch('fine.1.scaleBase')
    expect(await refusal('fine.1.scaleBase', 2, 4800)).toBe('loaded')
  })

  test('the order has no id twice, none above 191, and no DC on the fine grid', async () => {
    expect(await refusal('coarse.order', 1, micro.coarse.order[0])).toMatch('coarse.order: equal ids')
    expect(await refusal('coarse.order', 1, 192)).toMatch('coarse.order')
    expect(await refusal('fine.order', 1, 64)).toMatch('fine.order: DC of a plane')
  })
})

describe('whole-image models', () => {
  const refusalOf = async (tensor: string, index: number, value: number): Promise<string> => {
    const { structure, tensors } = microWholeParts(tensor.startsWith('stage.0.carry') ? 'recur' : 'shot')
    const { shape, data } = tensors.get(tensor)!
    const changed = data.slice()
    changed[index] = value
    return loadModel(writeModel(structure, new Map([...tensors, [tensor, { shape, data: changed }]]))).then(
      () => 'loaded',
      (error: DdncError) => {
        expect(error.fault.tag).toBe('Corrupt')
        return error.message
      },
    )
  }

  test('they are within their bounds', () => {
    for (const model of WHOLE_MODELS) expect(() => proveBounds(model)).not.toThrow()
  })

  test.each([
    'stage.1.up',
    'stage.0.carry',
    'stage.0.layer.1.candidates',
    'stage.0.layer.1.feedback',
    'stage.1.layer.0.level.0.down.0.output',
  ])('%s: 2^16 less than 2^31, as it is added', async (name) => {
    expect(await refusalOf(`${name}.bias`, 0, 2 ** 31 - 2 ** 16)).toMatch(`${name}, output 0: sum`)
    expect(await refusalOf(`${name}.bias`, 0, 2 ** 29)).toBe('loaded')
  })

  test('3×3 of int8, z and the prior as in grids', async () => {
    const hidden = 'stage.1.layer.2.level.0.down.0.hidden'
    expect(await refusalOf(`${hidden}.bias`, 0, 2 ** 29)).toMatch(`${hidden}, output 0: sum`)
    expect(await refusalOf('stage.0.layer.0.z.bias', 1, largest)).toMatch('stage.0.layer.0.z, output 1: sum')
    expect(await refusalOf('stage.0.layer.0.candidates.shift', 2, 31)).toMatch('stage.0.layer.0.candidates.shift')
    expect(await refusalOf('stage.1.layer.1.priorBias', 2, largest)).toMatch('stage.1.layer.1.priorTable, row 2: sum')
  })
})
