/** Where the weights begin, as in the PyTorch reference (prototype/photo). */
import type { Order } from './gridRecipe.js'
import type { Parameter } from './kind.js'

/** A parameter and its first value, made of what a network of its kind begins with. */
export type ParameterFrom<Start> = Parameter & Readonly<{ first: (start: Start) => Float32Array }>

/** Weights that are trained. @param first their values, given how many they are */
export const weights = <Start>(
  name: string,
  shape: readonly number[],
  first: (size: number, start: Start) => Float32Array,
): ParameterFrom<Start> => ({ name, shape, trained: true, first: (start) => first(sizeOf(shape), start) })

/**
 * First values of all parameters, constants included. They draw numbers in their order.
 * @example firstValues(parametersOf(structure), start).get('dc_ids') // Float32Array [0, 64, 128, 8, …]
 */
export const firstValues = <Start>(
  parameters: readonly ParameterFrom<Start>[],
  start: Start,
): Map<string, Float32Array> => new Map(parameters.map(({ name, first }) => [name, first(start)]))

/** Numbers of a tensor. @example sizeOf([2, 3]) // 6 */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export const zeros = (size: number): Float32Array => new Float32Array(size)

/** Uniform within ±bound. */
export const within = (uniform: () => number, size: number, bound: number): Float32Array =>
  Float32Array.from({ length: size }, () => (2 * uniform() - 1) * bound)

/** Normal (Box and Muller), mean 0. */
export const normal = (uniform: () => number, size: number, deviation: number): Float32Array =>
  Float32Array.from(
    { length: size },
    () => deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  )

/**
 * Coefficient ids (plane·64 + row·8 + column) from low to high frequency, chroma later than luma.
 * @example frequencyOrder().slice(0, 3) // [0, 64, 128]: the means of the three planes
 */
export function frequencyOrder(): number[] {
  const lateness = (id: number): number => {
    const radius = Math.hypot((id >> 3) & 7, id & 7)
    return id < 64 ? radius : radius * 1.6 + 0.8
  }
  // Ties, within the error of the square root, by the id.
  const rank = (id: number): number => Math.round(lateness(id) * 1e9)
  return Array.from({ length: 192 }, (_, id) => id).sort((a, b) => rank(a) - rank(b) || a - b)
}

/**
 * Coefficient ids in the order that a recipe asks for. By variance, the means of the three planes come first, then those
 * that vary most in the training pictures: a coefficient of the coarse grid is ranked as that of the fine grid with its
 * id, whose order is nearly the same (rank correlation 0.97).
 * @param deviations [192], as `deviationsOf` gives them
 * @example orderOf('frequency', deviations).slice(0, 4) // [0, 64, 128, 1]
 */
export function orderOf(order: Order, deviations: ArrayLike<number>): number[] {
  const byFrequency = frequencyOrder()
  if (order === 'frequency') return byFrequency
  const rank = (id: number): number => (id % 64 === 0 ? Infinity : deviations[id])
  return byFrequency.sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)))
}

/** What a network begins with that follows from its profile. */
export type ProfileStart = Readonly<{
  /** u of the leaves, sorted. */
  leaves: (K: number) => number[]
  /** Smallest first σ, in grey levels, before what the network makes of it. */
  smallestScale: number
  /** A flat prior is never trained: the guide takes the nearest candidate. */
  hasPrior: boolean
}>

/**
 * Entropy: unit steps of σ, the step of a quantiser, and leaves far out that cost nothing until they are chosen. Plain:
 * every leaf costs the same, so leaves lie where few of them do best for a σ that is the coefficient's deviation.
 */
export const profileStart = (isPlain: boolean): ProfileStart =>
  isPlain
    ? { leaves: lloydLeaves, smallestScale: 1, hasPrior: false }
    : { leaves: firstLeaves, smallestScale: 36, hasPrior: true }

/** Quantiles that stand for a Laplace distribution, and Lloyd's steps: 16 leaves are then within 1 % of their place. */
const SAMPLES = 4096
const LLOYD_STEPS = 200

/**
 * The K numbers that leave least of a Laplace distribution of deviation 1 (Lloyd and Max): what coefficients are like,
 * once their deviation is known.
 * @example lloydLeaves(2) // about [-0.71, 0.71]
 */
export function lloydLeaves(K: number): number[] {
  const quantile = (share: number): number =>
    share < 0.5 ? Math.log(2 * share) / Math.SQRT2 : -Math.log(2 - 2 * share) / Math.SQRT2
  const samples = Array.from({ length: SAMPLES }, (_, i) => quantile((i + 0.5) / SAMPLES))
  let leaves = Array.from({ length: K }, (_, k) => quantile((k + 0.5) / K))
  for (let step = 0; step < LLOYD_STEPS; step++) {
    const sums = new Float64Array(K)
    const counts = new Float64Array(K)
    let nearest = 0
    for (const x of samples) {
      // Both are sorted: the nearest leaf only moves up.
      while (nearest + 1 < K && x > (leaves[nearest] + leaves[nearest + 1]) / 2) nearest++
      sums[nearest] += x
      counts[nearest]++
    }
    leaves = leaves.map((u, k) => (counts[k] === 0 ? u : sums[k] / counts[k]))
  }
  return leaves
}

/**
 * Positions of K leaves around 0: the inner half in unit steps, the outer half geometric up to 48, or doubling where K
 * is small. An even K has one fewer above 0.
 * @example firstLeaves(5) // [-2, -1, 0, 1, 2]
 */
export function firstLeaves(K: number): number[] {
  const half = K >> 1
  const inner = half >> 1
  const growth = Math.min(2, (48 / Math.max(inner, 1)) ** (1 / Math.max(half - inner, 1)))
  const up = Array.from({ length: inner + 1 }, (_, i) => i)
  while (up.length <= half) {
    const last = up[up.length - 1]
    up.push(last > 0 ? Math.max(last, 1) * growth : 1)
  }
  const all = [
    ...up
      .slice(1)
      .reverse()
      .map((x) => -x),
    ...up,
  ]
  return K % 2 === 1 ? all : all.slice(0, -1)
}

/** Rows of a table, breadth first: K, K², … Kⁿ. */
export type Nodes = Readonly<{
  u: number[]
  /** First logit of the prior without its table: ln of the weight of all leaves below, which are (1 + |u|)^−2.2 each. */
  bias: number[]
}>

/**
 * The rows of a table of candidates. An inner one lies where its leaves lie on average, each weighed by what the prior
 * gives it: their bare mean is far from what they are chosen for, since the outer leaves are far out and rare.
 * @param leaves Kⁿ
 * @example firstNodes(2, 1, [-1, 0]) // u [-1, 0], bias [-1.52…, 0]
 */
export function firstNodes(K: number, n: number, leaves: readonly number[]): Nodes {
  const weights = leaves.map((u) => (1 + Math.abs(u)) ** -2.2)
  const u: number[] = []
  const bias: number[] = []
  for (let depth = 1; depth <= n; depth++) {
    const each = K ** (n - depth)
    for (let first = 0; first < leaves.length; first += each) {
      const weight = weights.slice(first, first + each).reduce((sum, x) => sum + x, 0)
      const moment = leaves.slice(first, first + each).reduce((sum, x, i) => sum + x * weights[first + i], 0)
      u.push(each === 1 ? leaves[first] : moment / weight)
      bias.push(Math.log(weight))
    }
  }
  return { u, bias }
}

/**
 * The prior's table, [r, rows, rank], equal for every coefficient: functions of the candidates that widen, lean, sharpen
 * and flatten the prior, each with mean 0 and deviation ½, then noise.
 * @param nodes u, as `firstNodes` gives them
 */
export function firstTable(nodes: readonly number[], r: number, rank: number, uniform: () => number): Float32Array {
  const v = nodes.map((u) => Math.log1p(Math.abs(u)))
  const columns = [
    v.map((x) => -x),
    v.map((x, i) => Math.sign(nodes[i]) * x),
    nodes.map((u) => (u === 0 ? 1 : 0)),
    v.map((x) => -x * x),
  ].map(standardised)
  while (columns.length < rank) columns.push([...normal(uniform, nodes.length, 0.1)])
  const one = nodes.flatMap((_, row) => columns.slice(0, rank).map((column) => column[row]))
  return repeated(one, r)
}

/** The same numbers, `times` times. */
export const repeated = (one: readonly number[], times: number): Float32Array =>
  Float32Array.from({ length: one.length * times }, (_, i) => one[i % one.length])

function standardised(column: readonly number[]): number[] {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length
  const squares = column.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / (column.length - 1))
  return column.map((x) => ((x - mean) / (deviation + 1e-3)) * 0.5)
}
