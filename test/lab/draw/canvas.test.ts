import { expect, test } from 'vitest'
import { BLACK, canvas, circle, ellipse, line, picture, rectangle, WHITE, write } from '../../../src/lab/draw/canvas.js'

const drawn = (draw: (page: ReturnType<typeof canvas>) => void, width = 5, height = 5): string[] => {
  const page = canvas(width, height, WHITE)
  draw(page)
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (page.data[(y * width + x) * 3] === 0 ? '#' : '.')).join(''),
  )
}

test('a canvas is a picture of its background', () => {
  expect(picture(canvas(2, 1, [1, 2, 3]))).toEqual({
    width: 2,
    height: 1,
    components: 3,
    data: Uint8Array.of(1, 2, 3, 1, 2, 3),
  })
})

test('a rectangle, and what of it lies on the canvas', () => {
  expect(drawn((page) => rectangle(page, 1, 2, 3, 1, BLACK))).toEqual(['.....', '.....', '.###.', '.....', '.....'])
  expect(drawn((page) => rectangle(page, -4, 3, 6, 9, BLACK))).toEqual(['.....', '.....', '.....', '##...', '##...'])
})

test('an ellipse touches its box', () => {
  expect(drawn((page) => ellipse(page, 0, 0, 5, 5, BLACK))).toEqual(['.###.', '#####', '#####', '#####', '.###.'])
  expect(drawn((page) => ellipse(page, 0, 1, 5, 3, BLACK))).toEqual(['.....', '.###.', '#####', '.###.', '.....'])
})

test('a line, thin and two pixels wide', () => {
  expect(drawn((page) => line(page, 0, 0, 4, 2, BLACK))).toEqual(['#....', '.##..', '...##', '.....', '.....'])
  expect(drawn((page) => line(page, 0, 1, 3, 1, BLACK, 2))).toEqual(['.....', '#####', '#####', '.....', '.....'])
})

test('a circle of radius 2', () => {
  expect(drawn((page) => circle(page, 2, 2, 2, BLACK))).toEqual(['.###.', '#...#', '#...#', '#...#', '.###.'])
})

test('writing of one pixel a dot', () => {
  const dots = drawn((page) => write(page, 'L-', 0, 0, 1, BLACK), 11, 8)
  expect(dots).toEqual([
    '#..........',
    '#..........',
    '#..........',
    '#.....#####',
    '#..........',
    '#..........',
    '#####......',
    '...........',
  ])
})
