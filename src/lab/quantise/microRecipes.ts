/** What is set by hand in the micro-models (micro.ts): layers, tables of u, scales. */
import type { CellGridStructure, LayerStructure } from '../../network/structure.js'

/** What is set by hand in a layer. */
export type LayerRecipe = Pick<LayerStructure, 'first' | 'end' | 'K' | 'n' | 'rank' | 'cells' | 'escape' | 'until'> & {
  /** Size of the outer half of the leaves' u, 1/256, from the middle outwards; K^n odd: the middle leaf is 0. */
  outwards: readonly number[]
  /** ln σ at s = 40, in 1/256. */
  scale: number
  /** Growth of ln σ per step of s, 1/256 in 1/65536. */
  slope: number
}

export type Recipe = {
  name: string
  profiles: CellGridStructure['profiles']
  /** Coefficient ids in walk order. */
  coarseOrder: readonly number[]
  fineOrder: readonly number[]
  coarse: readonly LayerRecipe[]
  fine: readonly LayerRecipe[]
}

/** At high rate the best step is √(6λ / ln 2): its logarithm grows by 1/20 per s, and is 3.58 at s = 40. */
const STEP = 916
const STEP_SLOPE = 838860
/** For layers that a finer one follows at low s: 3/5 of that. */
const FOLLOWED_SLOPE = 503316

/** count values 1/256 · (start, start + 256, …) */
const even = (count: number, start: number): number[] => Array.from({ length: count }, (_, i) => start + 256 * i)

const id = (plane: number, row: number, column: number): number => plane * 64 + row * 8 + column

const LAYER = { cells: 'all', until: 73 } as const

export const ENTROPY: Recipe = {
  name: 'micro',
  profiles: ['entropy'],
  coarseOrder: [
    id(0, 0, 0), id(1, 0, 0), id(2, 0, 0), id(0, 0, 1), id(0, 1, 0), id(0, 1, 1), id(0, 0, 2), id(0, 2, 0),
    id(1, 0, 1), id(1, 1, 0), id(2, 0, 1), id(2, 1, 0), id(0, 1, 2), id(0, 2, 1), id(1, 1, 1), id(2, 1, 1),
  ],
  fineOrder: [
    id(0, 0, 1), id(0, 1, 0), id(1, 0, 1), id(1, 1, 0), id(2, 0, 1), id(2, 1, 0),
    id(0, 1, 1), id(0, 0, 2), id(0, 2, 0), id(0, 1, 2), id(0, 2, 1), id(0, 2, 2),
  ],
  coarse: [
    {
      ...LAYER, first: 0, end: 6, K: 7, n: 1, rank: 4, escape: true,
      outwards: even(3, 256), scale: STEP + 320, slope: STEP_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 16, K: 5, n: 1, rank: 1, escape: true,
      outwards: even(2, 256), scale: STEP, slope: STEP_SLOPE,
    },
  ],
  fine: [
    {
      ...LAYER, first: 0, end: 4, K: 5, n: 1, rank: 2, cells: 'even', escape: true,
      outwards: even(2, 256), scale: 1084, slope: FOLLOWED_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 4, K: 5, n: 1, rank: 3, cells: 'odd', escape: true,
      outwards: even(2, 256), scale: 1084, slope: FOLLOWED_SLOPE,
    },
    // The leaves next to the middle are almost 0: the last layer of a band must be able to say nothing.
    {
      ...LAYER, first: 4, end: 12, K: 2, n: 3, rank: 1, escape: false, until: 60,
      outwards: [32, 256, 512, 1024], scale: 1020, slope: FOLLOWED_SLOPE,
    },
    {
      ...LAYER, first: 0, end: 8, K: 3, n: 2, rank: 1, escape: true, until: 30,
      outwards: even(4, 256), scale: STEP, slope: STEP_SLOPE,
    },
  ],
}

/** Without escapes the tables must reach a white picture: 64·127·√3 = 14,078 in the first coefficient. */
export const PLAIN: Recipe = {
  name: 'micro-pl',
  profiles: ['entropy', 'plain'],
  coarseOrder: [id(0, 0, 0), id(1, 0, 0), id(2, 0, 0), id(0, 0, 1), id(0, 1, 0), id(0, 1, 1), id(1, 0, 1), id(2, 1, 0)],
  fineOrder: [id(0, 0, 1), id(0, 1, 0), id(1, 0, 1), id(2, 1, 0), id(0, 1, 1)],
  coarse: [
    {
      ...LAYER, first: 0, end: 8, K: 16, n: 1, rank: 1, escape: false,
      outwards: even(8, 128), scale: 1912, slope: 0, // σ = 1750
    },
    {
      ...LAYER, first: 0, end: 8, K: 4, n: 2, rank: 1, escape: false,
      outwards: even(8, 128), scale: 1204, slope: 0, // 110
    },
    {
      ...LAYER, first: 0, end: 8, K: 2, n: 3, rank: 1, escape: false,
      outwards: even(4, 128), scale: 676, slope: 125828, // 14
    },
  ],
  fine: [
    {
      ...LAYER, first: 0, end: 5, K: 8, n: 1, rank: 1, cells: 'even', escape: false,
      outwards: [32, 256, 512, 1024], scale: 1048, slope: 251656, // 60
    },
    {
      ...LAYER, first: 0, end: 5, K: 8, n: 1, rank: 1, cells: 'odd', escape: false,
      outwards: [32, 256, 512, 1024], scale: 1048, slope: 251656,
    },
    {
      ...LAYER, first: 0, end: 5, K: 2, n: 2, rank: 1, escape: false, until: 40,
      outwards: even(2, 128), scale: 692, slope: 251656, // 15
    },
  ],
}
