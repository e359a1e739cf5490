/** Pixels of a picture that need not be in memory all at once: where an encoder reads them, where a decoder leaves them. */
import type { Area } from '../network/layout.js'
import type { Picture } from '../network/picture.js'

type Shape = Pick<Picture, 'width' | 'height' | 'components'>

/** A picture that is read in parts, each perhaps several times. */
export type PixelSource = Shape &
  Readonly<{
    /** Samples of a rectangle within the picture: [height, width, components], an array of its own. */
    read(area: Area): Uint8Array | Promise<Uint8Array>
  }>

/** Takes whole rows, from top to bottom: [height, width, components]; `y` is the first of them. */
export type PixelSink = (rows: Uint8Array, y: number) => void | Promise<void>

/** @example await sourceOf(picture).read({ x: 0, y: 0, width: 1, height: 1 }) // the first pixel */
export function sourceOf({ width, height, components, data }: Picture): PixelSource {
  return { width, height, components, read: (area) => cropped(data, width, components, area) }
}

/**
 * A rectangle of samples.
 * @param data [height, width, components]
 * @example cropped(Uint8Array.of(1, 2, 3, 4), 2, 1, { x: 1, y: 0, width: 1, height: 2 }) // [2, 4]
 */
export function cropped(data: Uint8Array, width: number, components: number, area: Area): Uint8Array {
  const row = area.width * components
  const out = new Uint8Array(area.height * row)
  for (let y = 0; y < area.height; y++) {
    const from = ((area.y + y) * width + area.x) * components
    out.set(data.subarray(from, from + row), y * row)
  }
  return out
}

/**
 * A sink that puts all rows into one array, which is made when the first come: until then a file may turn out to be damaged.
 * @example const { sink, data } = collector(picture)
 */
export function collector({ width, height, components }: Shape): { sink: PixelSink; data(): Uint8Array } {
  let all: Uint8Array | null = null
  const data = (): Uint8Array => (all ??= new Uint8Array(width * height * components))
  return { sink: (rows, y) => data().set(rows, y * width * components), data }
}
