import { expect, test } from 'vitest'
import { canvas, WHITE } from '../../../src/lab/draw/canvas.js'
import { meanOf, paste, sheetOf, smaller } from '../../../src/lab/draw/sheet.js'
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

test('smaller: means of squares, of each component', () => {
  expect(smaller(grey(4, 0, 1, 10, 20, 2, 4, 30, 40), 2)).toEqual(grey(2, 2, 25))
  const rgb: Picture = { width: 2, height: 2, components: 3, data: Uint8Array.of(1, 0, 9, 1, 0, 9, 1, 4, 9, 1, 4, 9) }
  expect([...smaller(rgb, 2).data]).toEqual([1, 2, 9])
})

test('the mean of two pictures', () => {
  expect(meanOf([grey(2, 0, 10), grey(2, 1, 20)])).toEqual(grey(2, 1, 15))
})

test('a sheet: rows of pictures with gaps, the last row not full, a border around the second', () => {
  const pictures = [grey(1, 1), grey(1, 2), grey(1, 3)]
  const border = (i: number) => (i === 1 ? ([9, 9, 9] as const) : undefined)
  const sheet = sheetOf(pictures, { columns: 2, gap: 1, border, background: [5, 5, 5] })
  expect([sheet.width, sheet.height]).toEqual([5, 5])
  expect(Array.from({ length: 5 }, (_, row) => reds(sheet, row))).toEqual([
    [5, 5, 9, 9, 9],
    [5, 1, 9, 2, 9],
    [5, 5, 9, 9, 9],
    [5, 3, 5, 5, 5],
    [5, 5, 5, 5, 5],
  ])
})
