/** Puts a whole-image model together from its structure and its tensors (SPEC 4.6). */
import type { CellTables } from '../engine/engine.js'
import {
  convolutionsOfBlock,
  pullBlock,
  pullConvolution,
  rectified,
  signed,
  type ConvolutionUse,
  type Pull,
} from './pull.js'
import type { Level, Stage, WholeImageModel, WholeLayer } from './wholeModel.js'
import {
  insideOf,
  type LevelStructure,
  type StageStructure,
  type WholeImageStructure,
  type WholeLayerStructure,
} from './wholeStructure.js'

/** A structure with the picture as the walk has it. */
type Inside = ReturnType<typeof insideOf<WholeImageStructure['whole']>>

/** As assembleModel. */
export function assembleWholeImage(
  { name, whole }: WholeImageStructure,
  pull: Pull,
  hash: Uint8Array,
): WholeImageModel {
  const { width, height, components, patch, classes, K, leak, residual, rank, stages } = whole
  const inside = insideOf(whole)
  return {
    kind: 'whole',
    name,
    hash,
    profiles: ['plain'],
    width,
    height,
    components,
    patch,
    inside: { width: inside.width, height: inside.height, components: inside.components },
    classes,
    K,
    leak,
    residual,
    rank,
    stages: stages.map((stage, j) => stageOf(inside, stage, stages[j - 1]?.channels ?? null, `stage.${j}`, pull)),
  }
}

/** @param before channels of the stage before; null for the first */
function stageOf(inside: Inside, structure: StageStructure, before: number | null, name: string, pull: Pull): Stage {
  const { scale, channels, steps, recurrent, upShift, carryShift, layers } = structure
  const { classes } = inside
  const size = { width: inside.width / scale, height: inside.height / scale }
  return {
    name,
    size,
    channels,
    start: before === null ? pull(`${name}.start`, [size.width * size.height, channels], ['I16']) : null,
    entry: before === null ? null : { upShift, up: pullConvolution(`${name}.up`, 1, before, 4 * channels, pull) },
    classes: classes > 0 ? pull(`${name}.class`, [classes, channels], ['I16']) : null,
    recurrence: recurrent
      ? {
          carryShift,
          carry: pullConvolution(`${name}.carry`, 1, channels, channels, pull),
          steps: pull(`${name}.step`, [steps, channels], ['I16']),
        }
      : null,
    layers: layers.map((layer, i) => layerOf(inside, layer, channels, `${name}.layer.${i}`, pull)),
    choices: steps,
  }
}

function layerOf(
  inside: Inside,
  structure: WholeLayerStructure,
  channels: number,
  name: string,
  pull: Pull,
): WholeLayer {
  const { components, leak, K, rank } = inside
  const { levels, headShift, poolShift, pictureShift, priorShift } = structure
  return {
    name,
    levels: levels.map((level, d) => levelOf(level, levels[d + 1]?.channels ?? null, `${name}.level.${d}`, pull)),
    headShift,
    candidates: pullConvolution(`${name}.candidates`, 1, channels, K * (components + leak), pull),
    cell: oneCell(K, rank, priorShift, name, pull),
    z: rank > 0 ? pullConvolution(`${name}.z`, 1, channels, rank, pull) : null,
    poolShift,
    pictureShift,
    feedback: pullConvolution(`${name}.feedback`, 1, components + leak, channels, pull),
  }
}

/** A grid's layer of one coefficient on one position: guides and the prior's kernel see no difference. */
function oneCell(K: number, rank: number, priorShift: number, name: string, pull: Pull): CellTables {
  const none = new Int16Array(0)
  return {
    first: 0,
    end: 1,
    K,
    n: 1,
    leaves: K,
    rows: K,
    cells: 'all',
    escape: false,
    rank,
    u: none,
    scaleBase: none,
    priorTable: rank > 0 ? pull(`${name}.priorTable`, [1, K, rank], ['I16']) : none,
    priorBias: rank > 0 ? pull(`${name}.priorBias`, [1, K], ['I32']) : none,
    priorShift,
  }
}

/** @param after channels of the next level; null for the last */
function levelOf(structure: LevelStructure, after: number | null, name: string, pull: Pull): Level {
  const { channels, down, up, downShift, upShift } = structure
  const blocks = (of: LevelStructure['down'], way: 'down' | 'up') =>
    of.map((block, i) => pullBlock(block, `${name}.${way}.${i}`, channels, false, pull))
  return {
    channels,
    down: blocks(down, 'down'),
    up: blocks(up, 'up'),
    next:
      after === null
        ? null
        : {
            downShift,
            to: pullConvolution(`${name}.downTo`, 1, 4 * channels, after, pull),
            upShift,
            from: pullConvolution(`${name}.upFrom`, 1, after, 4 * channels, pull),
          },
  }
}

/** Every convolution, once, however often its layer is walked. As convolutionsOf. */
export function convolutionsOfWholeImage({ stages }: WholeImageModel): ConvolutionUse[] {
  const ofLevel = ({ down, up, next }: Level) => [
    ...[...down, ...up].flatMap(convolutionsOfBlock),
    ...(next ? [rectified(next.to, true), rectified(next.from, true)] : []),
  ]
  // Candidates are added to the picture: `accumulates` leaves them room.
  const ofLayer = ({ levels, candidates, z, feedback }: WholeLayer) => [
    ...levels.flatMap(ofLevel),
    rectified(candidates, true),
    ...(z ? [rectified(z)] : []),
    signed(feedback),
  ]
  return stages.flatMap(({ entry, recurrence, layers }) => [
    ...(entry ? [rectified(entry.up, true)] : []),
    ...(recurrence ? [rectified(recurrence.carry, true)] : []),
    ...layers.flatMap(ofLayer),
  ])
}
