/** A walk of a whole-image model (SPEC 6.9): stages from coarse to fine, or one network over and over. */
import type { Choices, Engine, Kind, Numbers, Size } from '../engine/engine.js'
import { DdncError } from '../errors.js'
import { saturated } from './block.js'
import type { Walkable } from './walk.js'
import { addUnfolded, runLevels, type BodyState } from './wholeBody.js'
import { pictureCandidates, stripOf, type PictureCandidates } from './wholeCandidates.js'
import { hasClass, stepsOf, type Stage, type WholeImageModel, type WholeStep } from './wholeModel.js'
import { doubled, unfolded } from './wholePicture.js'

/** What `walk` goes through, and what has become of it. */
export type WholeWalk = Walkable<WholeStep, PictureCandidates> &
  Readonly<{
    /** The picture after the layers so far, at the model's size: int32 [positions, components], 1/64 grey level. */
    picture(): Numbers
    /** The trunk [positions, channels], 1/256: of the stage walked last. */
    h: Numbers
    /** Where the walk is, before a layer or between its `offer` and its `take`. */
    mark(): WalkMark
    /** Back to where the walk was: another choice can be taken there. What a set of candidates said before is void. */
    goTo(mark: WalkMark): void
  }>

/** A copy of all that the rest of a walk depends on. */
export type WalkMark = Readonly<{
  h: Numbers
  input: Numbers
  picture: Numbers
  size: Size
  /** Whose candidates were offered last. */
  offering: WholeStep | null
}>

type Arrays = BodyState & Readonly<Record<'h' | 'pooled' | 'z' | 'frequencies' | 'leaves' | 'counts', Numbers>>

/**
 * Allocates a walk. Its picture starts as grey 128 (paper: x₀ = 0).
 * @param label class, 0…classes − 1; 0 for an unconditional model
 * @param choices layers that are walked: the first ones, 0…L
 * @throws {DdncError} BadOption for a class that the model has not
 * @example
 * const state = openWholeWalk(engine, model, 0, 10)
 * for (const _ of walk(state, nearest(target)));
 * pixelsOf(state.picture())
 */
export function openWholeWalk(engine: Engine, model: WholeImageModel, label: number, choices: number): WholeWalk {
  checkLabel(model, label)
  const { leak, inside } = model
  const { components } = inside
  const layers = stepsOf(model).slice(0, choices)
  const arrays = allocate(engine, model)
  const { h, input } = arrays
  let size = model.stages[0].size
  let picture = engine.allocate('int32', positionsOf(size) * components)
  let offering: WholeStep | null = null
  let offered: PictureCandidates | null = null

  /** h ← what a stage, or a step of a recurrent one, begins with: the start, and what the walk so far has left. */
  function begin({ entry, start, classes, recurrence, channels, size: own }: Stage, index: number): void {
    if (entry) {
      engine.rectify(h, null, entry.upShift, entry.up.inputs, size, false, input)
      engine.conv1x1(entry.up, input, positionsOf(size), 'wide', arrays.wide)
      h.fill(0)
      addUnfolded(arrays.wide, channels, size, h)
      picture = doubled(engine, picture, size, components)
      size = own
    } else {
      const carried = index > 0 ? recurrence : null
      if (carried) engine.rectify(h, null, carried.carryShift, channels, size, false, input)
      for (let i = 0; i < start!.length; i++) h[i] = saturated(start![i])
      if (carried) engine.conv1x1(carried.carry, input, positionsOf(size), 'accumulate', h)
    }
    if (classes) addRow(h, classes, label, channels, positionsOf(size))
    if (recurrence) addRow(h, recurrence.steps, index, channels, positionsOf(size))
  }

  return {
    layers,
    h,

    offer(step) {
      const { stage, layer, index } = step
      if (index === 0 || stage.recurrence) begin(stage, index)
      runLevels(engine, layer.levels, 0, size, arrays)
      engine.rectify(h, null, layer.headShift, stage.channels, size, false, input)
      offering = step
      return [(offered = pictureCandidates(engine, { model, step, picture, ...arrays }))]
    },

    mark: () => ({ h: h.slice(), input: input.slice(), picture, size, offering }),

    goTo(mark) {
      h.set(mark.h)
      input.set(mark.input)
      ;({ picture, size, offering } = mark)
      offered = offering && pictureCandidates(engine, { model, step: offering, picture, ...arrays })
    },

    noChoices: (): Choices => ({ leaves: arrays.leaves.fill(0), counts: arrays.counts.fill(0), last: false }),

    take(chosen) {
      const step = offering!
      const k = chosen.leaves[0]
      picture = offered!.picture(k)
      // Nothing reads the trunk behind the last layer.
      if (step === layers.at(-1)) return
      joinFeedback(engine, step, picture, offered!.leak(k), components, leak, input)
      engine.conv1x1(step.layer.feedback, input, positionsOf(size), 'accumulate', h)
    },

    picture() {
      let [whole, side] = [picture, size]
      for (; side.width < inside.width; side = { width: 2 * side.width, height: 2 * side.height })
        whole = doubled(engine, whole, side, components)
      return unfolded(engine, whole, inside, model.patch)
    },
  }
}

const positionsOf = ({ width, height }: Size): number => width * height

function checkLabel(model: WholeImageModel, label: number): void {
  if (hasClass(model, label)) return
  const { classes, name } = model
  const allowed = classes > 0 ? `0…${classes - 1} with model ${name}` : `none: model ${name} has no classes`
  throw new DdncError({ tag: 'BadOption', option: 'label', found: String(label), allowed })
}

/** One workspace for all stages: every array as long as the longest use of it. */
function allocate(engine: Engine, { stages, inside: { components }, leak, K, rank }: WholeImageModel): Arrays {
  const lengths: Record<string, [Kind, number]> = {
    input: ['int16', 0],
    folded: ['int16', 0],
    hidden: ['int16', 0],
    wide: ['int32', 0],
    pooled: ['int16', 0],
    z: ['int16', Math.max(1, rank)],
    frequencies: ['uint16', K],
    leaves: ['uint16', 1],
    counts: ['uint16', 1],
  }
  const need = (name: string, kind: Kind, length: number): void => {
    lengths[name] = [kind, Math.max(length, lengths[name]?.[1] ?? 0)]
  }
  for (const { size, channels, layers, entry } of stages) {
    const bordered = (of: Size): number => (of.width + 2) * (of.height + 2)
    need('pooled', 'int16', channels)
    need('input', 'int16', positionsOf(size) * (components + leak))
    if (entry) need('wide', 'int32', positionsOf(size) * channels)
    for (const { levels, candidates } of layers) {
      need('wide', 'int32', Math.min(positionsOf(size), stripOf(candidates.outputs)) * candidates.outputs)
      levels.forEach(({ channels: own, down, up, next }, d) => {
        const level = { width: size.width / 2 ** d, height: size.height / 2 ** d }
        const numbers = positionsOf(level) * own
        need(`h${d}`, 'int16', numbers)
        need('input', 'int16', bordered(level) * own)
        if (next) need('folded', 'int16', numbers)
        if (next) need('wide', 'int32', numbers)
        for (const { hidden } of [...down, ...up]) need('hidden', 'int16', positionsOf(level) * hidden.outputs)
      })
    }
  }
  const arrays = engine.workspace(lengths)
  const depth = Math.max(...stages.flatMap(({ layers }) => layers.map(({ levels }) => levels.length)))
  const trunks = Array.from({ length: depth }, (_, d) => arrays[`h${d}`])
  return { ...(arrays as Record<Exclude<keyof Arrays, 'trunks' | 'h'>, Numbers>), trunks, h: trunks[0] }
}

/** h ← h ⊕ row of a table, in every position. */
function addRow(h: Numbers, table: Numbers, row: number, channels: number, positions: number): void {
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      h[p * channels + c] = saturated(h[p * channels + c] + table[row * channels + c])
    }
  }
}

/** Input of the feedback, [positions, components + leak]: the picture narrowed, the leak. */
function joinFeedback(
  engine: Engine,
  { layer, stage }: WholeStep,
  picture: Numbers,
  leaks: Numbers,
  components: number,
  leak: number,
  out: Numbers,
): void {
  for (let p = 0, to = 0; p < positionsOf(stage.size); p++) {
    for (let c = 0; c < components; c++) out[to++] = engine.narrowed(picture[p * components + c], layer.pictureShift)
    for (let c = 0; c < leak; c++) out[to++] = leaks[p * leak + c]
  }
}
