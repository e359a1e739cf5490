/** The walk (SPEC 6): every command is this one loop with another guide, over the layers of a grid or of pictures. */
import type { Choices } from '../engine/engine.js'
import type { CandidateSet } from './candidates.js'

/** The paper's sampler: what picks a candidate for every cell of a layer. */
export type Guide<Candidates extends CandidateSet = CandidateSet> = Readonly<{
  /**
   * Fills chosen.leaves and chosen.counts (zero at first); chosen.last = true in a layer's last part ends the walk after
   * that layer.
   */
  choose: (candidates: Candidates, chosen: Choices) => void
}>

/**
 * What is walked: one layer after another offers its candidates, in parts that follow each other in raster order, and
 * takes what was chosen among each before it offers the next.
 */
export interface Walkable<Layer, Candidates extends CandidateSet> {
  /** Those that the file holds, in walk order; the rest is not run. */
  readonly layers: readonly Layer[]
  /** Runs a layer's network up to its candidates (SPEC 6.1, 6.2). */
  offer(layer: Layer): Iterable<Candidates>
  /** Leaf 0 and count 0 for every cell of the part offered last. */
  noChoices(): Choices
  /** The picture and the trunk take in what was chosen among the candidates offered last (SPEC 6.4, 6.6). */
  take(chosen: Choices): void
}

/**
 * Runs the layers one after another, none without a guide; yields after each, so that a caller may report, pause or
 * stop.
 * @param walkable what the walk writes to: a grid (`openGridWalk`) or a whole picture (`openWholeWalk`)
 * @throws {DdncError} as the guide
 * @example for (const layer of walk(state, nearest(target))) console.log(layer.name)
 */
export function* walk<Layer, Candidates extends CandidateSet>(
  walkable: Walkable<Layer, Candidates>,
  guide: Guide<Candidates> | null,
): Generator<Layer> {
  if (!guide) return
  for (const layer of walkable.layers) {
    let isLast = false
    // 6.1, 6.2: the network up to its candidates
    for (const candidates of walkable.offer(layer)) {
      const chosen = walkable.noChoices()
      guide.choose(candidates, chosen) // 6.3 one leaf per cell
      walkable.take(chosen) // 6.4, 6.6: picture ← picture + c_k*, h ← h + Feedback(c_k*)
      isLast = chosen.last
    }
    yield layer
    if (isLast) return
  }
}
