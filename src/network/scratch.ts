/** Large arrays, used again for every tile and strip: made anew they would wait for the garbage collector by the dozen. */

/**
 * Gives an array of so many numbers, whatever they are. An array of the same name may be the same memory: it stands until
 * that name is asked for again.
 */
export type Scratch = (name: string, length: number) => Float64Array

/** Keeps the memory of every name, as long as the longest array that was asked for. */
export function keptScratch(): Scratch {
  const kept = new Map<string, Float64Array>()
  return (name, length) => {
    let array = kept.get(name)
    if (array === undefined || array.length < length) kept.set(name, (array = new Float64Array(length)))
    return array.subarray(0, length)
  }
}

/** Keeps nothing: for work that is done once. */
export const freshScratch: Scratch = (_, length) => new Float64Array(length)
