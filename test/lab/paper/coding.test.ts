import { expect, test } from 'vitest'
import { engineParts } from '../../../src/codec/engineParts.js'
import { reference } from '../../../src/engine/reference.js'
import { loadEngine } from '../../../src/engine/loadEngine.js'
import { pictureAt, setOf } from '../../../src/lab/data/pictureSet.js'
import { codePictures, meanSquaredError, pictureOfPath } from '../../../src/lab/paper/coding.js'
import { pathAt } from '../../../src/lab/paper/paths.js'
import { microWholeFile, type MicroWholeName } from '../../../src/lab/quantise/microWhole.js'
import { readModel } from '../../../src/network/modelFile.js'
import { stepsOf, type WholeImageModel } from '../../../src/network/wholeModel.js'
import { picture } from '../../micro.js'

const modelOf = async (name: MicroWholeName) => (await readModel(microWholeFile(name))) as WholeImageModel

const picturesFor = ({ width, height, components }: WholeImageModel) =>
  setOf(
    [1, 2, 3].map((seed) => picture(width, height, components, 'gradient', seed)),
    [0, 1, 2],
  )

test.each(['shot', 'recur', 'class'] as const)(
  '%s: a path leads to the picture whose error was noted',
  async (name) => {
    const model = await modelOf(name)
    const set = picturesFor(model)
    const engine = await loadEngine('wasm', engineParts(model))
    const { paths, errors } = codePictures(engine, model, set, 1, 3)
    const length = stepsOf(model).length
    expect([paths.K, paths.length, paths.choices.length]).toEqual([model.K, length, 2 * length])
    for (const [at, i] of [1, 2].entries()) {
      for (let made = 1; made <= length; made++) {
        const label = model.classes > 0 ? i : 0
        const { data } = pictureOfPath(reference, model, pathAt(paths, at).subarray(0, made), label)
        expect(errors[at * length + made - 1]).toBeCloseTo(meanSquaredError(pictureAt(set, i).data, data), 3)
      }
    }
  },
)

test('without a choice a picture is grey', async () => {
  expect(new Set(pictureOfPath(reference, await modelOf('shot'), [], 0).data)).toEqual(new Set([128]))
})
