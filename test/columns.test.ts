import { expect, test } from 'vitest'
import { columns } from '../src/columns.js'

test('columns: the first flush left, the others flush right', () => {
  expect(
    columns([
      ['layer', 'bits'],
      ['a', '10000'],
      ['bb', ''],
    ]),
  ).toEqual(['layer   bits', 'a      10000', 'bb'])
})

test('numbers are written as they are', () => {
  const rows = [
    ['name', 'dB'],
    ['a', 30.25],
    ['longer', 1],
  ]
  expect(columns(rows)).toEqual(['name       dB', 'a       30.25', 'longer      1'])
})
