/**
 * Trainers that share every batch: each computes the gradient of its own crops, and all make the same step with the sum.
 * They are threads with a TensorFlow, weights and a random generator of their own, and meet in shared memory alone. A step
 * has thousands of operations, most of them too small to be spread over cores (photo, two crops of 192²: 304 ms on one
 * thread, more on two of TensorFlow's, 270 with two members).
 */

export type Team = Readonly<{
  /** Which member this is, from 0. */
  index: number
  size: number
  /** What every member says, by member: all of them say something at the same place, not more than MESSAGE numbers. */
  share(numbers: readonly number[]): number[][]
  /** The sums over all members of arrays of the same lengths, added in the same order everywhere: the same bits. */
  sum(arrays: readonly Float32Array[]): Float32Array[]
}>

/** A trainer of its own. */
export const alone: Team = {
  index: 0,
  size: 1,
  share: (numbers) => [[...numbers]],
  sum: (arrays) => arrays.map((array) => array.slice()),
}

/** Most numbers that a member shares at once: more than a batch may have crops, or a network layers. */
export const MESSAGE = 1024

/** What the members of a team have in common; a thread can be given it. */
export type Common = Readonly<{ size: number; state: Int32Array; messages: Float64Array; sums: Float32Array }>

/** Places in `state`. */
const [ARRIVED, MEETING, FAILED] = [0, 1, 2]

/** Milliseconds after which a member that waits looks whether another has failed. */
const LOOK = 1000
/**
 * Looks after which the first member takes the others for dead: their shares of a step are as long as its own. The others
 * wait for it as long as it takes, to validate, say; they end with it.
 */
const LOOKS = 120

/** Another member has failed. */
export class TeamFailed extends Error {
  constructor() {
    super('another thread of the training has failed')
  }
}

/**
 * @param size members
 * @param length most numbers that are summed at once
 */
export function commonOf(size: number, length: number): Common {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  // Everything twice: a member may be at the next exchange while another still reads the last one's, never further.
  return {
    size,
    state: new Int32Array(shared(3 * 4)),
    messages: new Float64Array(shared(2 * size * (MESSAGE + 1) * 8)),
    sums: new Float32Array(shared(2 * size * length * 4)),
  }
}

/**
 * A member. It waits for the others by blocking its thread.
 * @throws {TeamFailed} from `share` and `sum`
 * @example const team = memberOf(commonOf(2, 1000), 0)
 *   team.share([3]) // once the other member shares [4], too: [[3], [4]]
 */
export function memberOf(common: Common, index: number): Team {
  const { size, state, messages, sums } = common
  const [half, whole] = [messages.length / 2, messages.length / (2 * size)]
  const length = sums.length / (2 * size)
  let shares = 0
  let additions = 0

  const meet = (): void => {
    const meeting = Atomics.load(state, MEETING)
    if (Atomics.add(state, ARRIVED, 1) === size - 1) {
      Atomics.store(state, ARRIVED, 0)
      Atomics.add(state, MEETING, 1)
      Atomics.notify(state, MEETING)
    }
    for (let looks = 0; Atomics.load(state, MEETING) === meeting; looks++) {
      if (Atomics.load(state, FAILED) !== 0 || (index === 0 && looks > LOOKS)) throw new TeamFailed()
      Atomics.wait(state, MEETING, meeting, LOOK)
    }
  }

  return {
    index,
    size,
    share(numbers) {
      if (numbers.length > MESSAGE) throw new RangeError(`${numbers.length} numbers are shared at once`)
      const from = (shares++ % 2) * half
      messages[from + index * whole] = numbers.length
      messages.set(numbers, from + index * whole + 1)
      meet()
      return Array.from({ length: size }, (_, member) => {
        const first = from + member * whole + 1
        return [...messages.subarray(first, first + messages[first - 1])]
      })
    },
    sum(arrays) {
      const all = arrays.reduce((sum, array) => sum + array.length, 0)
      if (all > length) throw new RangeError(`${all} numbers are summed at once`)
      const from = (additions++ % 2) * size * length
      let at = from + index * length
      for (const array of arrays) {
        sums.set(array, at)
        at += array.length
      }
      meet()
      let offset = from
      return arrays.map((array) => {
        const first = offset
        offset += array.length
        const sum = sums.slice(first, first + array.length)
        for (let member = 1; member < size; member++) {
          const other = sums.subarray(first + member * length)
          for (let i = 0; i < sum.length; i++) sum[i] += other[i]
        }
        return sum
      })
    },
  }
}

/**
 * Choices of all members, counted by each for its own pictures. Exact up to 2^24 of a candidate in a step: 4,000 crops of
 * 512².
 */
export const sumCounts = (counts: readonly Uint32Array[], team: Pick<Team, 'sum'>): Uint32Array[] =>
  team.sum(counts.map((layer) => Float32Array.from(layer))).map((sum) => Uint32Array.from(sum))

/** Tells the other members that this one will not come any more. */
export function fail({ state }: Common): void {
  Atomics.store(state, FAILED, 1)
  Atomics.notify(state, MEETING)
}

/**
 * The pictures of a batch that are a member's.
 * @example shardOf(3, { index: 1, size: 2 }) // { first: 2, end: 3 }
 */
export function shardOf(
  batch: number,
  { index, size }: Pick<Team, 'index' | 'size'>,
): Readonly<{ first: number; end: number }> {
  const border = (member: number): number => Math.ceil((batch * member) / size)
  return { first: border(index), end: border(index + 1) }
}
