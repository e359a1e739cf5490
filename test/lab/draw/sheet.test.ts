import { expect, test } from 'vitest'
import { sheetOf } from '../../../src/lab/draw/sheet.js'

const pixel = (grey: number) => ({ width: 1, height: 1, components: 1 as const, data: Uint8Array.of(grey) })

test('one picture is its own sheet', () => {
  expect(sheetOf([pixel(7)])).toEqual(pixel(7))
})

test('pictures stand row by row with white lines between, and white where none is left', () => {
  expect(sheetOf([pixel(1), pixel(2), pixel(3)])).toEqual({
    width: 3,
    height: 3,
    components: 1,
    data: Uint8Array.of(1, 255, 2, 255, 255, 255, 3, 255, 255),
  })
})

test('columns may be chosen; colours stay', () => {
  const red = { width: 1, height: 2, components: 3 as const, data: Uint8Array.of(255, 0, 0, 250, 1, 2) }
  expect(sheetOf([red, red], 1)).toEqual({
    width: 1,
    height: 5,
    components: 3,
    data: Uint8Array.of(255, 0, 0, 250, 1, 2, 255, 255, 255, 255, 0, 0, 250, 1, 2),
  })
})

test('a sheet over the limit is refused', () => {
  const large = { width: 8192, height: 4096, components: 1 as const, data: new Uint8Array(2 ** 25) }
  expect(() => sheetOf([large, large, large])).toThrow('pixels of the sheet')
})
