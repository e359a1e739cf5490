import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_QUALITY } from '../../src/index.js'
import { OPTIONS, optionRow, type OptionName } from '../../src/cli/options.js'

const refused = (option: string) =>
  expect.objectContaining({ fault: expect.objectContaining({ tag: 'BadOption', option }) })
const names = Object.keys(OPTIONS) as OptionName[]

test('quality is an integer from 1 to 100', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), (n) => OPTIONS.quality.parse(String(n)) === n))
  for (const text of ['0', '101', '-1', '7.5', '', ' ', '1e1', '0x10', 'high', '٣']) {
    expect(() => OPTIONS.quality.parse(text), text).toThrow(refused('--quality'))
  }
})

test('its default is told as it is', () => {
  expect(OPTIONS.quality.help).toContain(`default ${DEFAULT_QUALITY};`)
})

test('lambda is a number above 0', () => {
  expect(OPTIONS.lambda.parse('12.5')).toBe(12.5)
  expect(OPTIONS.lambda.parse('1e3')).toBe(1000)
  for (const text of ['0', '-3', 'NaN', 'Infinity', '', ' ', 'much']) {
    expect(() => OPTIONS.lambda.parse(text), text).toThrow(refused('--lambda'))
  }
})

test('names are one of a list, which the error shows', () => {
  expect(OPTIONS.profile.parse('plain')).toBe('plain')
  expect(() => OPTIONS.profile.parse('Plain')).toThrow('--profile is "Plain", allowed is entropy or plain')
  expect(() => OPTIONS.engine.parse('gpu')).toThrow(refused('--engine'))
  expect(() => OPTIONS.format.parse('bmp')).toThrow(refused('--format'))
})

test('rows that exclude each other exist', () => {
  for (const name of names) for (const other of optionRow(name).excludes ?? []) expect(names).toContain(other)
})

test('the README lists every option', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const name of names) {
    const long = /--[a-z-]+/.exec(OPTIONS[name].flags)?.[0]
    expect(readme, name).toContain(`\`${long}`)
  }
})
