/** Paths of many pictures, and how their choices are used. */
import type { Random } from '../../network/uniform.js'
import { deadShareOf, usageOf, type Counts } from '../train/counts.js'

/** Choices of many pictures: [count, length], each 0 … K − 1. */
export type Paths = Readonly<{ K: number; length: number; choices: Uint16Array }>

export const countOf = ({ length, choices }: Paths): number => choices.length / length

/** A picture's choices, without a copy. @example pathAt(paths, 0) // Uint16Array [3, 0, 7] */
export const pathAt = ({ length, choices }: Paths, i: number): Uint16Array =>
  choices.subarray(i * length, (i + 1) * length)

/** Some pictures' paths, in that order. */
export function pathsAt(paths: Paths, places: ArrayLike<number>): Paths {
  const choices = new Uint16Array(places.length * paths.length)
  for (let i = 0; i < places.length; i++) choices.set(pathAt(paths, places[i]), i * paths.length)
  return { ...paths, choices }
}

/**
 * The beginnings of paths.
 * @param length at most theirs
 * @example beginningsOf({ K: 4, length: 3, choices: Uint16Array.of(3, 0, 1) }, 2).choices // Uint16Array [3, 0]
 */
export function beginningsOf(paths: Paths, length: number): Paths {
  const choices = new Uint16Array(countOf(paths) * length)
  for (let i = 0; i < countOf(paths); i++) choices.set(pathAt(paths, i).subarray(0, length), i * length)
  return { ...paths, length, choices }
}

/** How a layer's candidates are chosen. */
export type LayerUsage = Readonly<{
  /** Bits: log2 K if all are chosen equally often. */
  entropy: number
  /** Candidates that are never chosen. */
  dead: number
}>

/**
 * Choice entropy of every layer, and its dead candidates. Where there are few pictures a candidate, the entropy is below
 * that of the source: by about (K − 1)/(2·ln 2·count) bits.
 * @param paths of at least one picture
 * @example usageByLayer({ K: 4, length: 1, choices: Uint16Array.of(0, 0, 2, 2) }) // [{ entropy: 1, dead: 2 }]
 */
export function usageByLayer({ K, length, choices }: Paths): LayerUsage[] {
  return Array.from({ length }, (_, layer) => {
    const counts: Counts = new Uint32Array(K)
    for (let at = layer; at < choices.length; at += length) counts[choices[at]]++
    return { entropy: usageOf(counts, K)! * Math.log2(K), dead: Math.round(deadShareOf(counts)! * K) }
  })
}

/**
 * Some of the first numbers, each at most once, in random order.
 * @param wanted at most `of`
 * @example someOf(3, 10, randomFrom(1)) // such as [7, 2, 5]
 */
export function someOf(wanted: number, of: number, random: Random): Uint32Array {
  const all = Uint32Array.from({ length: of }, (_, i) => i)
  for (let i = 0; i < wanted; i++) {
    const other = i + Math.floor(random.next() * (of - i))
    ;[all[i], all[other]] = [all[other], all[i]]
  }
  return all.slice(0, wanted)
}
