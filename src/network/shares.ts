/** Work that is a part of other work. */

/**
 * Runs a part, and tells what it tells as a share of the whole.
 * @param shareOf of the whole, of what the part yields
 * @returns a generator that returns what the part returns
 * @example const coarse = yield* sharing(walkCoarse(engine, model, layout, s, guide), (share) => share / 64)
 */
export function* sharing<Told, Result>(
  part: Generator<Told, Result>,
  shareOf: (told: Told) => number,
): Generator<number, Result> {
  for (;;) {
    const step = part.next()
    if (step.done) return step.value
    yield shareOf(step.value)
  }
}
