/** The clean-up (SPEC 7.5): a small network at half resolution that corrects the linear picture. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { runBlock } from './block.js'
import type { CleanUp } from './model.js'
import { PLANE_LIMIT } from './synthesis.js'

/** Half-resolution rows that three 3×3 convolutions reach. */
const REACH = 3
/** Half-resolution pixels of one strip, without its reach: bounds the memory. */
const STRIP_PIXELS = 1 << 17

type Planes = readonly [Numbers, Numbers, Numbers]

/**
 * @param linear planes [8·height, 8·width] of the fine grid, 1/8
 * @param trunk [fine positions, channels]: input of `fromTrunk`
 * @returns corrected planes, clamped to ±19,200; yields the share done after every strip, the last excepted
 */
export function* cleanUpPlanes(
  engine: Engine,
  cleanUp: CleanUp,
  linear: Planes,
  trunk: Numbers,
  fine: Size,
): Generator<number, Planes> {
  const width = fine.width * 4
  const height = fine.height * 4
  const strips = Math.max(1, Math.min(Math.ceil((width * height) / STRIP_PIXELS), Math.floor(height / 8)))
  const rows = Math.ceil(height / strips)
  const out: Planes = [linear[0].slice(), linear[1].slice(), linear[2].slice()]
  for (let y = 0; y < height; y += rows) {
    const first = Math.max(0, y - REACH)
    const end = Math.min(height, y + rows + REACH)
    const correction = strip(engine, cleanUp, linear, trunk, fine, first, end)
    addCorrection(out, linear, correction, width, first, y, Math.min(height, y + rows))
    if (y + rows < height) yield (y + rows) / height
  }
  return out
}

/** Correction [end − first, width, 12] of some half-resolution rows; wrong only within REACH rows of a cut. */
function strip(
  engine: Engine,
  cleanUp: CleanUp,
  linear: Planes,
  trunk: Numbers,
  fine: Size,
  first: number,
  end: number,
): Numbers {
  const size = { width: fine.width * 4, height: end - first }
  const pixels = size.width * size.height
  const bordered = (size.width + 2) * (size.height + 2)
  const { channels, fromTrunk } = cleanUp
  // Positions are 4 rows high.
  const [top, bottom] = [Math.floor(first / 4), Math.ceil(end / 4)]
  const positions = (bottom - top) * fine.width
  const { rectified, spread, h, halved, input, hidden, correction } = engine.workspace({
    rectified: ['int16', positions * fromTrunk.inputs],
    spread: ['int16', positions * fromTrunk.outputs],
    h: ['int16', pixels * channels],
    halved: ['int16', pixels * 12],
    input: ['int16', bordered * Math.max(12, channels)],
    hidden: ['int16', pixels * cleanUp.block.hidden.outputs],
    correction: ['int32', pixels * 12],
  })
  const from = top * fine.width * fromTrunk.inputs
  rectified.set(trunk.subarray(from, from + positions * fromTrunk.inputs))
  engine.conv1x1(fromTrunk, rectified, positions, 'accumulate', spread)
  spreadTrunk(spread, channels, fine.width, first - 4 * top, end - 4 * top, h)
  halve(linear, size.width, first, end, halved)
  engine.narrow(halved, cleanUp.pictureShift, 12, size, input)
  engine.conv3x3(cleanUp.fromPicture, input, size, 'accumulate', h)
  runBlock(engine, cleanUp.block, { h, input, hidden, size, s: 0 })
  engine.rectify(h, null, cleanUp.outputShift, channels, size, true, input)
  engine.conv3x3(cleanUp.output, input, size, 'wide', correction)
  return correction
}

/** h[y, x, c] = trunk[y / 4, x / 4, c·16 + (y mod 4)·4 + x mod 4] */
function spreadTrunk(trunk: Numbers, channels: number, across: number, first: number, end: number, h: Numbers): void {
  let to = 0
  for (let y = first; y < end; y++) {
    const line = (y >> 2) * across * channels * 16 + (y & 3) * 4
    for (let x = 0; x < across * 4; x++) {
      const from = line + (x >> 2) * channels * 16 + (x & 3)
      for (let c = 0; c < channels; c++) h[to++] = trunk[from + c * 16]
    }
  }
}

/** halved[y, x, plane·4 + dy·2 + dx] = plane[2y + dy, 2x + dx] */
function halve(planes: Planes, width: number, first: number, end: number, halved: Numbers): void {
  planes.forEach((plane, index) => {
    for (let y = first; y < end; y++) {
      let to = (y - first) * width * 12 + index * 4
      const line = y * 4 * width
      for (let from = line; from < line + 2 * width; from += 2, to += 12) {
        halved[to] = plane[from]
        halved[to + 1] = plane[from + 1]
        halved[to + 2] = plane[from + 2 * width]
        halved[to + 3] = plane[from + 2 * width + 1]
      }
    }
  })
}

/** out = clamp(linear + correction) for half-resolution rows y … until; `first` is the correction's first row. */
function addCorrection(
  out: Planes,
  linear: Planes,
  correction: Numbers,
  width: number,
  first: number,
  y: number,
  until: number,
): void {
  for (let plane = 0; plane < 3; plane++) {
    const from = linear[plane]
    const to = out[plane]
    for (let row = 2 * y; row < 2 * until; row++) {
      let at = row * 2 * width
      let c = ((row >> 1) - first) * width * 12 + plane * 4 + (row & 1) * 2
      for (const end = at + 2 * width; at < end; at += 2, c += 12) {
        to[at] = clamp(from[at] + correction[c])
        to[at + 1] = clamp(from[at + 1] + correction[c + 1])
      }
    }
  }
}

const clamp = (x: number): number => (x < -PLANE_LIMIT ? -PLANE_LIMIT : x > PLANE_LIMIT ? PLANE_LIMIT : x)
