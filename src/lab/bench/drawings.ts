/**
 * Made pictures: what a codec for photographs finds hard or trivial. Integers only, so the same pixels everywhere.
 * `corpus/` holds them as PNG (scripts/make-corpus.js); `measure quality` encodes them.
 */
import type { Picture } from '../../index.js'
import { BLACK, canvas, circle, line, picture, WHITE, write } from '../draw/canvas.js'
import { GLYPH_HEIGHT, GLYPH_WIDTH } from '../draw/font.js'

/** Every made picture by its name. @example drawings.checkerboard().width // 256 */
export const drawings: Readonly<Record<string, () => Picture>> = {
  text,
  'line-art': lineArt,
  checkerboard,
  noise,
  gradient,
  flat: () => picture(canvas(256, 256, [90, 140, 180])),
  digit,
}

/** Black and coloured writing at three sizes, dark on white above, light on blue below. */
function text(): Picture {
  const page = canvas(512, 480, WHITE)
  const sentence = 'A file is a list of choices. Each layer offers K candidates, one is chosen. '
  const paragraphs = [
    [3, 4, BLACK],
    [2, 6, [30, 30, 120]],
    [1, 12, BLACK],
    [1, 3, [180, 20, 20]],
  ] as const
  let y = 8
  for (const [size, lines, ink] of paragraphs) {
    const perLine = Math.floor((page.width - 16) / ((GLYPH_WIDTH + 1) * size))
    for (let line = 0; line < lines; line++) {
      write(page, sentence.repeat(4).slice(line * 7, line * 7 + perLine), 8, y, size, ink)
      y += (GLYPH_HEIGHT + 2) * size
    }
    y += 4
  }
  for (let row = y; row < page.height; row++) for (let x = 0; x < page.width; x++) page.set(x, row, [24, 40, 96])
  write(page, 'Pack my box with five dozen liquor jugs, 0123456789.', 8, y + 8, 1, WHITE)
  return picture(page)
}

/** Thin lines without smoothing: circles, a fan of rays, boxes. */
function lineArt(): Picture {
  const page = canvas(384, 384, WHITE)
  for (let radius = 12; radius < 180; radius += 28) {
    circle(page, 192, 192, radius, BLACK)
    circle(page, 192, 192, radius + 14, [0, 90, 160])
  }
  for (let end = 0; end < 384; end += 24) {
    line(page, 0, 0, end, 383, BLACK)
    line(page, 383, 383, 0, end, [170, 30, 30])
  }
  for (let inset = 4; inset < 28; inset += 6) {
    const far = 383 - inset
    line(page, inset, inset, far, inset, BLACK)
    line(page, far, inset, far, far, BLACK)
    line(page, far, far, inset, far, BLACK)
    line(page, inset, far, inset, inset, BLACK)
  }
  return picture(page)
}

/** Quadrants of black and white fields of 1, 2, 5 and 8 pixels: the highest frequencies at full contrast. Grey. */
function checkerboard(): Picture {
  return grey(256, 256, (x, y) => {
    const side = [1, 2, 5, 8][(y >> 7) * 2 + (x >> 7)]
    return (Math.floor(x / side) + Math.floor(y / side)) % 2 === 0 ? 255 : 0
  })
}

/** Uniform and independent samples: nothing to predict. */
function noise(): Picture {
  let state = 1
  const next = (): number => {
    // Marsaglia's xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 24
  }
  return { width: 256, height: 256, components: 3, data: Uint8Array.from({ length: 256 * 256 * 3 }, next) }
}

/** Red runs to the right, green downwards, blue along the diagonal. */
function gradient(): Picture {
  const page = canvas(256, 256, BLACK)
  for (let y = 0; y < 256; y++) for (let x = 0; x < 256; x++) page.set(x, y, [x, y, (x + y) >> 1])
  return picture(page)
}

/** A two as by hand, white on black, in the size and place of the digits of MNIST. Grey. */
function digit(): Picture {
  // Sixteenths of a pixel.
  const pen: [number, number][] = [[132, 150], [150, 112], [196, 88], [246, 92], [288, 124], [292, 168], [264, 216], [204, 280], [144, 346], [200, 340], [248, 350], [316, 344]] // prettier-ignore
  const ink: [number, number][] = []
  pen.slice(1).forEach(([toX, toY], i) => {
    const [x, y] = pen[i]
    for (let step = 0; step <= 32; step++) ink.push([x + (((toX - x) * step) >> 5), y + (((toY - y) * step) >> 5)])
  })
  const isInked = (x: number, y: number): boolean =>
    ink.some(([inkX, inkY]) => (x - inkX) ** 2 + (y - inkY) ** 2 < 22 ** 2)
  return grey(28, 28, (x, y) => {
    let covered = 0
    for (let i = 0; i < 16; i++) if (isInked(16 * x + 4 * (i & 3) + 2, 16 * y + (i & 12) + 2)) covered++
    return (covered * 255) >> 4
  })
}

function grey(width: number, height: number, value: (x: number, y: number) => number): Picture {
  const data = Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width)))
  return { width, height, components: 1, data }
}
