import { describe, expect, test } from 'vitest'
import { holdOut, photographOf } from '../../../src/lab/data/holdOut.js'

describe('photographs by name', () => {
  test.each([
    ['elem-0895d.jpg', 'elem-0895'],
    ['elem-0895s.jpg', 'elem-0895'],
    ['gb82-baby.png', 'gb82-baby'],
    ['my-dog-12d', 'my-dog-12'],
    ['DSC01234.JPG', 'DSC01234'],
  ])('%s', (name, photograph) => expect(photographOf(name)).toBe(photograph))

  const files = Array.from({ length: 200 }, (_, i) => ({ name: `a-${1000 + (i >> 1)}${'sd'[i & 1]}.jpg` }))

  test('are held out whole, and no file is lost', () => {
    const { training, validation } = holdOut(files, 0.1)
    expect(validation).toHaveLength(20)
    expect([...training, ...validation].map(({ name }) => name).sort()).toEqual(files.map(({ name }) => name).sort())
    const held = new Set(validation.map(({ name }) => photographOf(name)))
    expect(training.some(({ name }) => held.has(photographOf(name)))).toBe(false)
    // From all over the numbers, not a row of neighbours
    const numbers = [...held].map((name) => Number(name.slice(2))).sort((a, b) => a - b)
    expect(numbers[9] - numbers[0]).toBeGreaterThan(50)
  })

  test('stay where they are when the folder is read in another order', () => {
    const names = (list: { name: string }[]) => list.map(({ name }) => name).sort()
    expect(names(holdOut([...files].reverse(), 0.1).validation)).toEqual(names(holdOut(files, 0.1).validation))
  })

  test('none, one, and never the last', () => {
    expect(holdOut(files, 0).validation).toEqual([])
    expect(holdOut(files.slice(0, 4), 0.01).validation).toHaveLength(2)
    expect(holdOut(files.slice(0, 2), 0.5)).toEqual({ training: files.slice(0, 2), validation: [] })
  })
})
