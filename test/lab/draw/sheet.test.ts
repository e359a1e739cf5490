import { expect, test } from 'vitest'
import { canvas, WHITE } from '../../../src/lab/draw/canvas.js'
import { meanOf, paste, sheetOf } from '../../../src/lab/draw/sheet.js'
import type { Picture } from '../../../src/network/picture.js'

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
  expect(() => sheetOf(Array.from({ length: 9 }, () => large))).toThrow('pixels of the sheet')
})

const grey = (width: number, ...data: number[]): Picture => {
  return { width, height: data.length / width, components: 1, data: Uint8Array.from(data) }
}
const reds = ({ width, data }: Picture, row: number): number[] =>
  [...data.subarray(row * width * 3, (row + 1) * width * 3)].filter((_, at) => at % 3 === 0)

test('a grey picture is spread over three components, twice as large', () => {
  const page = canvas(5, 3, WHITE)
  paste(page, grey(2, 7, 8), 1, 1, 2)
  expect(reds(page, 0)).toEqual([255, 255, 255, 255, 255])
  expect(reds(page, 1)).toEqual([255, 7, 7, 8, 8])
  expect([...page.data.subarray(2 * 15 + 3, 2 * 15 + 6)]).toEqual([7, 7, 7])
})

test('an RGB picture keeps its colours', () => {
  const page = canvas(1, 1, WHITE)
  paste(page, { width: 1, height: 1, components: 3, data: Uint8Array.of(1, 2, 3) }, 0, 0)
  expect([...page.data]).toEqual([1, 2, 3])
})

test('the mean of two pictures', () => {
  expect(meanOf([grey(2, 0, 10), grey(2, 1, 20)])).toEqual(grey(2, 1, 15))
})
