import { expect, test } from 'vitest'
import { canvas, WHITE } from '../../../src/lab/draw/canvas.js'
import { meanOf, paste, sheetOf } from '../../../src/lab/draw/sheet.js'
import type { Picture } from '../../../src/network/picture.js'

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

test('a sheet: rows of pictures with white lines between, the last row not full', () => {
  expect(sheetOf([grey(1, 1), grey(1, 2), grey(1, 3)])).toEqual(grey(3, 1, 255, 2, 255, 255, 255, 3, 255, 255))
  expect(sheetOf([grey(1, 1), grey(1, 2)], 1)).toEqual(grey(1, 1, 255, 2))
  expect(sheetOf([grey(2, 1, 2)])).toEqual(grey(2, 1, 2))
})

test('a sheet in colour has all components', () => {
  const rgb: Picture = { width: 1, height: 1, components: 3, data: Uint8Array.of(1, 2, 3) }
  expect([...sheetOf([rgb, rgb]).data]).toEqual([1, 2, 3, 255, 255, 255, 1, 2, 3])
})

test('a sheet that no file could hold is refused', () => {
  const wide: Picture = { width: 1 << 14, height: 1, components: 1, data: new Uint8Array(1 << 14) }
  expect(() =>
    sheetOf(
      Array.from({ length: 3000 }, () => wide),
      1,
    ),
  ).toThrow('pixels of the sheet')
})
