import { expect, test } from 'vitest'
import { pathBits } from '../../../src/format/plain.js'
import { roundTripOfPath } from '../../../src/lab/paper/roundTrip.js'
import { stepsOf } from '../../../src/network/wholeModel.js'
import { picture, WHOLE_MODELS } from '../../micro.js'

test.each(WHOLE_MODELS.map((model) => [model.name, model] as const))(
  '%s: nothing is lost or added',
  async (_, model) => {
    const source = picture(model.width, model.height, model.components, 'noise', 4)
    const { bits, fileBits } = await roundTripOfPath(source, model, model.classes > 0 ? 1 : 0)
    expect(bits).toBe(pathBits(model.K, stepsOf(model).length))
    expect(fileBits).toBeGreaterThan(bits)
  },
)

test('a picture that is not the encoder’s is told', async () => {
  const [model] = WHOLE_MODELS
  const source = picture(model.width, model.height, model.components, 'noise', 4)
  const other = WHOLE_MODELS.find(({ name }) => name !== model.name)!
  // A path among other candidates is no file of this model.
  const mixed = { ...model, stages: model.stages.map((stage) => ({ ...stage })), K: other.K === model.K ? 3 : other.K }
  await expect(roundTripOfPath(source, mixed, 0)).rejects.toThrow()
})
