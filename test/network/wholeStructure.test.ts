import { describe, expect, test } from 'vitest'
import { DdncError } from '../../src/errors.js'
import { microWholeParts, type MicroWholeName } from '../../src/lab/quantise/microWhole.js'
import { checkStructure } from '../../src/network/structure.js'

type Fields = Record<string, unknown>

const good = (name: MicroWholeName): Fields => structuredClone(microWholeParts(name).structure) as unknown as Fields

/** The structure with the values at paths such as `whole.stages.0.steps` replaced. */
function withFields(name: MicroWholeName, values: Record<string, unknown>): unknown {
  const root = good(name)
  for (const [path, value] of Object.entries(values)) {
    const parts = path.split('.')
    let at: Fields = root
    for (const part of parts.slice(0, -1)) at = at[part] as Fields
    at[parts.at(-1)!] = value
  }
  return root
}

test.each(['shot', 'recur', 'class'] as const)('%s is returned as it is, and nothing else of the JSON', (name) => {
  expect(checkStructure(good(name))).toEqual(good(name))
  expect(checkStructure({ ...good(name), comment: 'x' })).toEqual(good(name))
})

describe('refused', () => {
  const level = 'whole.stages.0.layers.0.levels.0'
  test.each<[string, unknown[]]>([
    ['name', [undefined, '', 'ninechars']],
    ['profiles', [undefined, [], ['entropy'], ['plain', 'entropy'], ['plain', 'plain']]],
    ['whole', [undefined, null, []]],
    ['whole.width', [0, 257, 1.5, 13]], // 13 is no multiple of 2
    ['whole.height', [0, 257, '8']],
    ['whole.components', [0, 2, 4]],
    ['whole.patch', [0, 17, 2]], // 2 with two stages
    ['whole.classes', [-1, 257]],
    ['whole.K', [1, 513]],
    ['whole.leak', [-1, 9]],
    ['whole.residual', [0, undefined]],
    ['whole.rank', [-1, 17]],
    ['whole.stages', [undefined, [], {}]],
    ['whole.stages.0', [null, 1]],
    ['whole.stages.0.scale', [0, 3, 1, 4]],
    ['whole.stages.0.channels', [0, 1025, 7]], // 7 are not level 0's
    ['whole.stages.0.steps', [0, 3, 256]], // 3 are not the layers'
    ['whole.stages.0.recurrent', [true, 0]], // a recurrent model has one stage
    ['whole.stages.0.upShift', [-1, 16]],
    ['whole.stages.0.carryShift', [-1, 16]],
    ['whole.stages.0.layers', [[], {}, undefined]],
    ['whole.stages.0.layers.0.levels', [[], {}]],
    ['whole.stages.0.layers.0.headShift', [-1, 16]],
    ['whole.stages.0.layers.0.poolShift', [-1, 31]],
    ['whole.stages.0.layers.0.pictureShift', [-1, 16]],
    ['whole.stages.0.layers.0.priorShift', [0, 31]],
    [`${level}.channels`, [0, 1025, 9]],
    [`${level}.down`, [null, new Array(9).fill({ hidden: 1, inputShift: 0 }), [null]]],
    [`${level}.up`, [undefined, [{ hidden: 1, inputShift: 0 }]]], // the last level goes no way back
    [`${level}.downShift`, [-1, 16]],
    [`${level}.upShift`, [-1, 16]],
  ])('%s', (path, values) => {
    for (const value of values) {
      expect(() => checkStructure(withFields('shot', { [path]: value })), JSON.stringify(value)).toThrow(DdncError)
    }
  })

  test('more than the limits, though every number is within its own', () => {
    const refusal = (values: Record<string, unknown>, name: MicroWholeName = 'recur') => {
      try {
        checkStructure(withFields(name, values))
        return 'taken'
      } catch (error) {
        return (error as DdncError).message
      }
    }
    expect(refusal({ 'whole.K': 512, 'whole.leak': 6 })).toContain('K · (components · patch² + leak) is 4608')
    const stage = (good('shot')['whole'] as { stages: Fields[] }).stages[0]
    const many = { ...stage, steps: 128, layers: new Array(128).fill((stage['layers'] as unknown[])[0]) }
    const both = [many, { ...many, scale: 1 }]
    expect(refusal({ 'whole.stages': both }, 'shot')).toContain('choices is 256, allowed is at most 255')
    const level = { channels: 300, down: [], up: [], downShift: 0, upShift: 0 }
    const large = {
      'whole.width': 256,
      'whole.height': 256,
      'whole.stages.0.channels': 300,
      'whole.stages.0.layers.0.levels': [level],
    }
    expect(refusal(large)).toContain('positions · channels')
    // Three levels want sides that divide by four; the picture is 12 × 8, and five want sixteen.
    const levels = (count: number) => new Array(count).fill({ ...level, channels: 6 })
    expect(refusal({ 'whole.stages.0.layers.0.levels': levels(3) })).toBe('taken')
    expect(refusal({ 'whole.stages.0.layers.0.levels': levels(4) })).toContain('a divisor of the sides 12 and 8')
    expect(refusal({ 'whole.stages.0.layers.0.levels': levels(7) })).toContain('1 to 6 levels')
  })
})
