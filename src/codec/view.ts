/** What of a picture is decoded: all of it, a rectangle, a thumbnail. */
import { DdncError } from '../errors.js'
import type { Header } from '../format/header.js'
import type { Area } from '../network/layout.js'
import type { Besides } from './beside.js'
import { cropped } from './pixels.js'

/** Pixels, x and y of the left upper one. */
export type Region = Area

export type ViewOptions = {
  /** A rectangle of the picture, in its pixels: as much is decoded as it needs. Default: all. */
  region?: Region | undefined
  /** 8: an eighth of the width and of the height, from the coarse grid alone. Default 1. */
  scale?: 1 | 8 | undefined
}

/** `region` is in pixels of the scaled picture, whose sides are `width` and `height`. */
export type View = Readonly<{ scale: 1 | 8; region: Area; width: number; height: number }>

/**
 * What a caller wants of a file. A region that does not lie on whole pixels of the scale gets all that it touches.
 * @throws {DdncError} BadOption: a region that is not within the picture, another scale; a scale of a whole-image file
 * @example viewOf(header, { region: { x: 12, y: 0, width: 8, height: 8 }, scale: 8 }).region // x 1, width 2
 */
export function viewOf({ kind, width, height }: Header, { region, scale = 1 }: ViewOptions): View {
  const allowed = kind === 'whole' ? '1 with a file of whole-image choices' : '1 or 8'
  if (scale !== 1 && (scale !== 8 || kind === 'whole')) {
    throw new DdncError({ tag: 'BadOption', option: 'scale', found: String(scale), allowed })
  }
  const { x, y, ...size } = region ?? { x: 0, y: 0, width, height }
  const isWithin = (first: number, length: number, side: number): boolean =>
    Number.isInteger(first) && Number.isInteger(length) && first >= 0 && length > 0 && first + length <= side
  if (!isWithin(x, size.width, width) || !isWithin(y, size.height, height)) {
    const found = `${size.width} x ${size.height} from ${x}, ${y}`
    const within = `at least a pixel within ${width} x ${height}`
    throw new DdncError({ tag: 'BadOption', option: 'region', found, allowed: within })
  }
  const [left, top] = [Math.floor(x / scale), Math.floor(y / scale)]
  return {
    scale,
    region: {
      x: left,
      y: top,
      width: Math.ceil((x + size.width) / scale) - left,
      height: Math.ceil((y + size.height) / scale) - top,
    },
    width: Math.ceil(width / scale),
    height: Math.ceil(height / scale),
  }
}

/** Alpha of the view; metadata as they are. @param size of the whole picture, in its pixels */
export function viewedBesides(
  { alpha, ...besides }: Besides,
  size: Readonly<{ width: number; height: number }>,
  { scale, region, width, height }: View,
): Besides {
  if (alpha === undefined) return besides
  const scaled = scale === 1 ? alpha : eighth(alpha, size, width, height)
  const isAll = region.width === width && region.height === height
  return { alpha: isAll ? scaled : cropped(scaled, width, 1, region), ...besides }
}

/** Means of 8×8 values, fewer at the ends. */
function eighth(
  alpha: Uint8Array,
  size: Readonly<{ width: number; height: number }>,
  across: number,
  down: number,
): Uint8Array {
  const out = new Uint8Array(across * down)
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const [right, bottom] = [Math.min(8 * x + 8, size.width), Math.min(8 * y + 8, size.height)]
      let sum = 0
      for (let row = 8 * y; row < bottom; row++) {
        for (let column = 8 * x; column < right; column++) sum += alpha[row * size.width + column]
      }
      out[y * across + x] = Math.round(sum / ((right - 8 * x) * (bottom - 8 * y)))
    }
  }
  return out
}
