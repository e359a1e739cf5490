/**
 * From the coarse grid to rows of pixels: tiles are walked row by row, and painted in strips as soon as the strips' tiles
 * are there, each in blocks side by side. Of a row of tiles that is painted the last rows of positions are kept until the
 * next one is walked: what is in memory is little more than one row of tiles, whatever the height of the picture.
 */
import { reference } from '../engine/reference.js'
import { coarseOfTile, copyArea, type Coarse } from '../network/coarse.js'
import { overlap, PIXEL_REACH, pixelsOf, positionsOf, widened, type Area, type Layout } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import { belowOf, cutOut, type Piece } from '../network/paint.js'
import type { PaintJob, WalkDone, WalkJob } from './jobs.js'
import type { PixelSink } from './pixels.js'
import type { Runner } from './runner.js'

/** Positions of a block, without what it reaches beyond, of a picture that has more: 225,000 pixels. */
const BLOCK_POSITIONS = 3520
/** Rows of a block, at least: half a tile. */
const BLOCK_ROWS = 32
/** Positions of a picture that is painted in one go. */
const WHOLE_POSITIONS = 2 ** 15
/** What painting a position costs, of what walking it costs. */
const PAINTING = 0.15

export type Painting = Readonly<{
  model: CellGridModel
  layout: Layout
  components: 1 | 3
  coarse: Coarse
  /** Pixels that are wanted. */
  region: Area
  /** What a tile's walk needs; asked for when it begins. */
  workOf(tile: number): WalkJobPart | Promise<WalkJobPart>
  /** Told when a tile has been walked, in any order. */
  onWalked?: ((tile: number, done: WalkDone) => void) | undefined
  onProgress?: ((fraction: number) => void) | undefined
}>

type WalkJobPart = Pick<WalkJob, 'task' | 'profile' | 'work'>

/**
 * @param sink takes the rows of the region; its first row is 0
 * @throws what jobs and the sink throw; some jobs may then still run: end the runner
 * @example await paintPicture(runner, { model, layout, components: 3, coarse, region, workOf }, sink)
 */
export async function paintPicture(runner: Runner, painting: Painting, sink: PixelSink): Promise<void> {
  const { model, layout, components, coarse, region, onWalked } = painting
  const { fine, tiles } = layout
  const wanted = positionsOf(region)
  const needed = widened(wanted, PIXEL_REACH, fine)
  const walks = tiles.flatMap((tile, index) => (overlap(tile, needed) ? [{ tile, index }] : []))
  const walked = new Map<number, Promise<Piece>>()
  const walkedCells = walks.reduce((sum, { tile }) => sum + tile.width * tile.height, 0)
  const shares = sharesOf(walkedCells + PAINTING * wanted.width * wanted.height, painting.onProgress)

  const walk = async (tile: Area, index: number): Promise<Piece> => {
    const make = async (): Promise<WalkJob> => {
      const own = tiles.length === 1 ? coarse : coarseOfTile(reference, coarse, model, layout, tile)
      return { kind: 'walk', tile: index, coarse: own, ...(await painting.workOf(index)) }
    }
    const done = await runner.run(make, 'last', shares(tile.width * tile.height))
    onWalked?.(index, done)
    return { area: tile, walked: done.walked }
  }
  let begun = 0
  /** While one thread paints a row of tiles, the others walk as many of the next: no more, as they wait in memory. */
  const across = walks.filter(({ tile }) => tile.y === walks[0].tile.y).length
  const ahead = runner.width === 1 ? 0 : runner.width + Math.ceil(PAINTING * across * (runner.width - 1))
  /** Begins all tiles that start above a row, and those ahead. */
  const walkUntil = (bottom: number): void => {
    const due = walks.filter(({ tile }) => tile.y < bottom).length
    for (; begun < Math.min(walks.length, due + ahead); begun++) {
      const { tile, index } = walks[begun]
      const done = walk(tile, index)
      done.catch(() => {}) // told where it is waited for
      walked.set(index, done)
    }
  }

  /** Samples of some positions that are wanted, cropped to the region. */
  const paintBlock = async (block: Area, ready: readonly Piece[]): Promise<{ area: Area; samples: Uint8Array }> => {
    const given = widened(block, PIXEL_REACH, fine)
    const area = overlap(region, pixelsOf(block, layout))!
    const crop = { ...area, x: area.x - given.x * 8, y: area.y - given.y * 8 }
    const make = (): PaintJob => {
      const pieces = ready.filter((piece) => overlap(piece.area, given))
      return { kind: 'paint', walked: cutOut(reference, model, given, pieces, layout), size: given, crop, components }
    }
    const samples = await runner.run(make, 'next', shares(PAINTING * block.width * block.height))
    return { area, samples }
  }

  for (const strip of stripsOf(wanted)) {
    const given = widened(strip, PIXEL_REACH, fine)
    walkUntil(given.y + given.height)
    const ready = new Map<number, Piece>()
    for (const { tile, index } of walks) if (overlap(tile, given)) ready.set(index, await walked.get(index)!)
    const pieces = [...ready.values()]
    const painted = await Promise.all(blocksOf(strip).map((block) => paintBlock(block, pieces)))
    // What no later strip reaches is forgotten.
    const reach = strip.y + strip.height - PIXEL_REACH
    for (const [index, piece] of ready) {
      const rest = belowOf(piece, reach)
      if (rest === null) walked.delete(index)
      else if (rest !== piece) walked.set(index, Promise.resolve(rest))
    }
    const [{ area, samples }] = painted
    await sink(painted.length === 1 ? samples : joined(painted, region, components), area.y - region.y)
  }
}

/**
 * Rows of positions that are painted one after another. They end `PIXEL_REACH` above those of tiles, so that all but a few
 * rows of a tile are painted before the next row of tiles is walked.
 */
function* stripsOf({ x, y, width, height }: Area): Generator<Area> {
  const bottom = y + height
  const rows = Math.max(BLOCK_ROWS, Math.floor(BLOCK_POSITIONS / width))
  const isWhole = width * height <= WHOLE_POSITIONS
  for (let top = y, end; top < bottom; top = end) {
    end = isWhole ? bottom : Math.min(bottom, (Math.floor((top + PIXEL_REACH) / rows) + 1) * rows - PIXEL_REACH)
    yield { x, y: top, width, height: end - top }
  }
}

/** Of a strip side by side: one, unless it is wide. */
function blocksOf(strip: Area): Area[] {
  // Strips of more rows are narrow, or the whole picture.
  const count = strip.height > BLOCK_ROWS ? 1 : Math.ceil(strip.width / (BLOCK_POSITIONS / BLOCK_ROWS))
  const edge = (index: number): number => strip.x + Math.round((index * strip.width) / count)
  return Array.from({ length: count }, (_, i) => ({ ...strip, x: edge(i), width: edge(i + 1) - edge(i) }))
}

/** Blocks that lie side by side, as rows of the region. */
function joined(
  painted: readonly Readonly<{ area: Area; samples: Uint8Array }>[],
  region: Area,
  components: number,
): Uint8Array {
  const { y, height } = painted[0].area
  const out = new Uint8Array(region.width * height * components)
  for (const { area, samples } of painted) copyArea(samples, area, out, { ...region, y, height }, components)
  return out
}

/**
 * Adds up what parts of a whole tell of themselves.
 * @param total weight of all parts
 * @returns of a part's weight what takes its share, 0…1
 */
export function sharesOf(
  total: number,
  onProgress: ((fraction: number) => void) | undefined,
): (weight: number) => (share: number) => void {
  let sum = 0
  return (weight) => {
    let told = 0
    return (share) => {
      sum += weight * (share - told)
      told = share
      onProgress?.(Math.min(1, sum / total))
    }
  }
}
