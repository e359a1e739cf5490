import { expect, test } from 'vitest'
import { fitAll, type Toy2dSettings } from '../../../../src/lab/paper/toy2d/toy2d.js'

/** A quarter of the paper's nodes, samples and bins. Of thinner shapes single strays would decide at that size. */
const SETTINGS: Toy2dSettings = {
  K: 2500,
  samples: 25_000,
  bins: 50,
  move: 0.4,
  biasStep: 1,
  densities: ['gaussian', 'moons', 'checkerboard'],
  seeds: [1, 2, 3],
}

const all = [...fitAll(SETTINGS)]

const divergenceOf = (density: string, seed: number, method: string): number =>
  all.find((one) => one.density === density && one.seed === seed && one.method === method)!.divergence

const cases = SETTINGS.densities.flatMap((density) => SETTINGS.seeds.map((seed) => [density, seed] as const))

test.each(cases)(
  '%s, seed %i: Split-and-Prune is nearer than gradient descent alone and than real samples',
  (...one) => {
    const [gradient, split, real] = ['gradient', 'splitAndPrune', 'realSamples'].map((method) =>
      divergenceOf(...one, method),
    )
    expect(split).toBeLessThan(gradient / 2)
    expect(split).toBeLessThan(real * 0.75)
  },
)

test('the course ends where the nodes do, and falls', () => {
  const split = all.find(({ density, method }) => density === 'moons' && method === 'splitAndPrune')!
  expect(split.course).toHaveLength(20)
  expect(split.course.at(-1)).toEqual([SETTINGS.samples, split.divergence])
  expect(split.divergence).toBeLessThan(split.course[0][1] / 4)
})
