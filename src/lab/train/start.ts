/** Where the weights begin, as in the PyTorch reference (prototype/photo). */

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

/**
 * The rows of a table of candidates, breadth first: K, K², … Kⁿ. An inner one is the mean of its leaves.
 * @example firstNodes(2, 2) // leaves -2, -1, 0, 1; so [-1.5, 0.5, -2, -1, 0, 1]
 */
export function firstNodes(K: number, n: number): number[] {
  const leaves = firstLeaves(K ** n)
  const rows: number[] = []
  for (let depth = 1; depth <= n; depth++) {
    const each = K ** (n - depth)
    for (let i = 0; i < leaves.length; i += each)
      rows.push(leaves.slice(i, i + each).reduce((sum, x) => sum + x, 0) / each)
  }
  return rows
}

/**
 * The prior's table, [r, rows, rank], equal for every coefficient: functions of the candidates that widen, lean, sharpen
 * and flatten the prior, each with mean 0 and deviation ½, then noise.
 * @param nodes as `firstNodes` gives them
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
