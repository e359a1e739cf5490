/** Several paths at once. */
import { expect, test } from 'vitest'
import { alongPath, beam } from '../../src/codec/beam.js'
import type { Numbers } from '../../src/engine/engine.js'
import { reference } from '../../src/engine/reference.js'
import { nearest, recording } from '../../src/network/guides.js'
import { walk } from '../../src/network/walk.js'
import { stepsOf, type WholeImageModel } from '../../src/network/wholeModel.js'
import { targetOf, unfolded } from '../../src/network/wholePicture.js'
import { openWholeWalk } from '../../src/network/wholeWalk.js'
import { picture, WHOLE_MODELS } from '../micro.js'

const CHOICES = 3

function search(model: WholeImageModel, width: number): { path: readonly number[]; target: Numbers } {
  const source = picture(model.width, model.height, model.components)
  const target = targetOf(reference, source, model.patch)
  const work = beam(openWholeWalk(reference, model, 0, CHOICES), target, width)
  for (;;) {
    const step = work.next()
    if (step.done) return { path: step.value, target }
  }
}

/** Squared error of the picture that a path leads to. */
function errorOf(model: WholeImageModel, path: readonly number[], target: Numbers): number {
  const walked = openWholeWalk(reference, model, 0, path.length)
  for (const _ of walk(walked, alongPath(path)));
  const flat = unfolded(reference, target, model.inside, model.patch)
  return Array.from(walked.picture(), (x, i) => (x - flat[i]) ** 2).reduce((sum, square) => sum + square, 0)
}

/** All paths of CHOICES choices. */
function everyPath({ K }: WholeImageModel): number[][] {
  let paths: number[][] = [[]]
  for (let depth = 0; depth < CHOICES; depth++) {
    paths = paths.flatMap((path) => Array.from({ length: K }, (_, k) => [...path, k]))
  }
  return paths
}

test.each(WHOLE_MODELS)('$name: one path is the nearest candidate, layer by layer', (model) => {
  const { path, target } = search(model, 1)
  const chosen: number[] = []
  const guide = recording(nearest(target), (_, { leaves }) => chosen.push(leaves[0]))
  for (const _ of walk(openWholeWalk(reference, model, 0, CHOICES), guide));
  expect(path).toEqual(chosen)
})

/** Those whose candidates have the picture's size after so many choices: the beam counts errors at the stage's size. */
const FULL_SIZE = WHOLE_MODELS.filter((model) => stepsOf(model)[CHOICES - 1].stage.size.width === model.inside.width)

test.each(FULL_SIZE)('$name: as many paths as there are find the best of them', (model) => {
  const { path, target } = search(model, model.K ** CHOICES)
  const best = Math.min(...everyPath(model).map((one) => errorOf(model, one, target)))
  expect(errorOf(model, path, target)).toBe(best)
})
