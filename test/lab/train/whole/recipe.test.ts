import { expect, test } from 'vitest'
import { readGridRecipe, readRecipe, wholeImageRecipe } from '../../../../src/lab/train/recipe.js'
import { tinyRecipe } from '../tiny.js'
import { UNET_STAGES, wholeRecipe } from './tiny.js'

test('all layers of a stage are as it describes one', () => {
  const { name, structure, training } = wholeImageRecipe(readRecipe(wholeRecipe({}, { segment: 2 })))
  expect([name, structure.name, structure.profiles]).toEqual(['tiny', 'tiny', ['plain']])
  expect(structure.whole.stages.map(({ scale, channels, steps, layers }) => [scale, channels, steps, layers.length])).toEqual([[2, 4, 2, 2], [1, 2, 2, 2]]) // prettier-ignore
  expect(structure.whole.stages[1].layers[1].levels).toEqual([
    { channels: 2, down: [{ hidden: 2, inputShift: 0 }, { hidden: 2, inputShift: 0 }], up: [], downShift: 0, upShift: 0 },
  ]) // prettier-ignore
  expect(training).toMatchObject({ batch: 4, chainDropout: 0, splitAndPrune: null, balancing: null, segment: 2 })
  const { whole } = wholeImageRecipe(readRecipe(wholeRecipe({ stages: UNET_STAGES }))).structure
  expect([whole.stages[0].layers.length, whole.stages[0].steps]).toEqual([1, 3])
})

test('switches are off where they are not named', () => {
  const splitAndPrune = { interval: 1, split: 2, prune: 0.5, until: 0.5 }
  const { training } = wholeImageRecipe(readRecipe(wholeRecipe({}, { splitAndPrune })))
  expect(training).toMatchObject({ splitAndPrune, balancing: null, segment: null })
})

const [stage] = UNET_STAGES
test.each<[string, object, object, string]>([
  ['an unknown field', { depth: 3 }, {}, 'recipe.structure.whole.depth is 3'],
  ['an unknown field of training', {}, { sizes: [] }, 'recipe.training.sizes is [], allowed is only seed'],
  ['K', { K: 1 }, {}, 'recipe.structure.whole.K is 1, allowed is an integer, 2…512'],
  ['components', { components: 2 }, {}, 'components is 2, allowed is 1, 3'],
  ['a scale that does not halve', { stages: [{ ...stage, scale: 2 }] }, {}, 'scale is 2, allowed is 1'],
  ['a level that does not divide', { height: 5, stages: UNET_STAGES }, {}, 'scale is 2, allowed is a divisor'],
  ['one channel', { stages: [{ ...stage, levels: [{ channels: 1, down: [], up: [] }] }] }, {}, 'levels[0].channels is 1'],
  ['a block', { stages: [{ ...stage, levels: [{ channels: 2, down: [0], up: [] }] }] }, {}, 'levels[0].down is [0]'],
  ['up of the last level', { stages: [{ ...stage, levels: [{ channels: 2, down: [], up: [1] }] }] }, {}, 'levels[0].up'],
  ['Chain Dropout', {}, { chainDropout: 2 }, 'recipe.training.chainDropout is 2, allowed is a number, 0…1'],
  ['batch', {}, { batch: 0 }, 'recipe.training.batch is 0'],
])('refused by name: %s', (_, whole, training, message) => {
  expect(() => readRecipe(wholeRecipe(whole, training))).toThrow(message)
}) // prettier-ignore

test('of two kinds: what is asked for is what is there', async () => {
  expect(() => readGridRecipe(wholeRecipe())).toThrow('recipe.structure is of whole images, allowed is a cell grid')
  const grid = readRecipe(await tinyRecipe({}))
  expect(() => wholeImageRecipe(grid)).toThrow('recipe.structure is a cell grid, allowed is of whole images')
  const entropy = wholeRecipe().replace('["plain"]', '["entropy"]')
  expect(() => readRecipe(entropy)).toThrow('recipe.structure.profiles is ["entropy"], allowed is ["plain"]')
})
