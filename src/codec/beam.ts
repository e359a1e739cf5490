/** A search over several paths of a whole-image model: an encoder's, and no guide's, since it goes back. */
import type { Numbers } from '../engine/engine.js'
import { replay } from '../network/guides.js'
import type { Guide } from '../network/walk.js'
import type { WalkMark, WholeWalk } from '../network/wholeWalk.js'

/** A path so far, and how to go on from its end. */
type Path = Readonly<{ choices: readonly number[]; mark: WalkMark }>

/** One more choice of a path. `error`: as `distanceTo` has it. */
type Step = Readonly<{ path: Path; k: number; error: number }>

/**
 * Follows the paths that are nearest to a target so far, layer by layer. One path alone is the paper's Guided Sampler.
 * @param walked at its beginning; left anywhere
 * @param target as of `nearest`
 * @param width paths that are kept, 1 or more
 * @returns a generator that yields the share of the work done and returns the choices of the best path
 * @example const path = await drive(beam(openWholeWalk(engine, model, 0, 10), target, 16), {})
 */
export function* beam(walked: WholeWalk, target: Numbers, width: number): Generator<number, readonly number[]> {
  const { layers } = walked
  let paths: readonly Path[] = [{ choices: [], mark: walked.mark() }]
  for (const [done, layer] of layers.entries()) {
    const steps: Step[] = []
    for (const [i, { choices, mark }] of paths.entries()) {
      walked.goTo(mark)
      const [candidates] = walked.offer(layer)
      const { of } = candidates.distanceTo(target)
      const path = { choices, mark: walked.mark() }
      for (let k = 0; k < candidates.layer.K; k++) steps.push({ path, k, error: of(0, k, 0) })
      yield (done + i / paths.length) / layers.length
    }
    steps.sort((a, b) => a.error - b.error) // stable: of equals the lowest index of the first path
    paths = steps.slice(0, width).map(({ path: { choices, mark }, k }) => {
      walked.goTo(mark)
      const chosen = walked.noChoices()
      chosen.leaves[0] = k
      walked.take(chosen)
      return { choices: [...choices, k], mark: walked.mark() }
    })
  }
  return paths[0].choices
}

/**
 * A guide along a known path.
 * @example recording(alongPath([3, 0, 7]), sink.listen)
 */
export function alongPath(path: readonly number[]): Guide {
  let at = 0
  return replay({ next: (_, chosen) => void (chosen.leaves[0] = path[at++]) })
}
