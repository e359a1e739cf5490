/**
 * The lapped transform of a plane (SPEC 7.4): orthonormal, 8 bands, type-II fast LOT. Along each axis a filter across
 * every inner block boundary, then the DCT-II of each block of 8; no filter at the outer edges.
 *
 * Doubles, in the order of operations written here and in SPEC 7.4, so that every machine gets the same doubles:
 * sums from left to right, no product fused into a sum, nothing but + − ×. The caller rounds.
 *
 * Coefficients are [position, row·8 + column], positions in raster order of the blocks. A block's 64 coefficients are
 * first used for its 8×8 samples after the horizontal pass, so the vertical pass works in place.
 */
import { DdncError } from '../errors.js'

/** C1 … C7: ½·cos(kπ/16) */
const C1 = 0.49039264020161522
const C2 = 0.46193976625564338
const C3 = 0.41573480615127262
const C4 = 0.35355339059327376
const C5 = 0.27778511650980111
const C6 = 0.19134171618254489
const C7 = 0.097545161008064134

/** W = ½·(V − I), V = J·C_IIᵀ·C_IV·J of size 4: what the filter adds, from the differences across the boundary. */
// prettier-ignore
const W = Float64Array.of(
  -0.09637556611791178, 0.27968374251117549, 0.07181633943553918, 0.06088295277321647,
  -0.2858770085573204, -0.15039854405465971, 0.21070889769043974, 0.04068068845651278,
  0.06088295277321647, -0.2221525611693005, -0.06998003575506319, 0.10965553327724854,
  -0.04068068845651278, -0.01428515809366419, -0.12460740016123637, -0.01769925184590406,
)

/** Of the inverse: the filter is orthogonal. */
const W_TRANSPOSED = W.map((_, i) => W[(i % 4) * 4 + (i >> 2)])

/**
 * Coefficients of a plane: the horizontal pass over every row, then the vertical pass over every column.
 * @param plane Float64Array[height, width], left as it is
 * @param width positive multiple of 8, as height
 * @param out takes the coefficients instead of a new array
 * @returns Float64Array[height/8 · width/8, 64]; its sum of squares is the plane's
 * @throws {DdncError} BadOption if a side is no positive multiple of 8 or the plane has another length
 * @example analyse(new Float64Array(64).fill(1), 8, 8) // 8, then 63 zeros: a flat picture is one coefficient a block
 */
export function analyse(
  plane: Float64Array,
  width: number,
  height: number,
  out: Float64Array = new Float64Array(plane.length),
): Float64Array {
  checkSide('width', width)
  checkSide('height', height)
  checkLength('plane', plane.length, width * height)
  checkLength('out', out.length, plane.length)
  const band = width * 8 // numbers of a row of blocks
  const line = new Float64Array(width)
  for (let start = 0; start < out.length; start += band) {
    for (let row = 0; row < 8; row++) {
      const from = start + row * width
      line.set(plane.subarray(from, from + width))
      for (let x = 8; x < width; x += 8) lap(W, line, x - 1, x, 1)
      for (let x = 0; x < width; x += 8) cosine(line, x, 1, out, start + x * 8 + row * 8)
    }
    // The row of blocks above is complete once the boundary below it is filtered.
    if (start > 0) {
      lapRows(W, out, start - band, start, band)
      cosineRow(cosine, out, start - band, band)
    }
  }
  cosineRow(cosine, out, out.length - band, band)
  return out
}

/**
 * The plane of coefficients: the transposed steps of `analyse` in the opposite order, vertical pass first.
 * @param coefficients [down · across, 64], for example rounded ones; left as they are
 * @param across blocks in a row, positive
 * @param down rows of blocks, positive
 * @param first where the first block's 64 coefficients begin
 * @param stride from one block's coefficients to the next's: other planes may lie between them
 * @param out takes the plane instead of a new array
 * @returns Float64Array[down·8, across·8]; analyse then synthesise is the plane to 3e-12 for samples within ±1000
 * @throws {DdncError} BadOption if the lengths do not fit
 * @example synthesise([8, ...new Array(63).fill(0)], 1, 1) // 64 ones, to the last bits
 */
export function synthesise(
  coefficients: ArrayLike<number>,
  across: number,
  down: number,
  first = 0,
  stride = 64,
  out: Float64Array = new Float64Array((coefficients.length / stride) * 64),
): Float64Array {
  checkSide('width', across * 8)
  checkSide('height', down * 8)
  checkLength('coefficients', coefficients.length, across * down * stride)
  checkLength('out', out.length, across * down * 64)
  const width = across * 8
  const band = width * 8
  const work = new Float64Array(2 * band) // two rows of blocks, taking turns
  for (let start = 0, here = 0; start < out.length; start += band, here = band - here) {
    for (let block = 0; block < band; block += 64) {
      const from = first + ((start + block) / 64) * stride
      for (let i = 0; i < 64; i++) work[here + block + i] = coefficients[from + i]
    }
    cosineRow(inverseCosine, work, here, band)
    if (start > 0) {
      lapRows(W_TRANSPOSED, work, band - here, here, band)
      synthesiseRows(work, band - here, out, start - band, width)
    }
    if (start === out.length - band) synthesiseRows(work, here, out, start, width)
  }
  return out
}

/** Horizontal pass back: a row of blocks to 8 rows of samples. */
function synthesiseRows(work: Float64Array, from: number, out: Float64Array, to: number, width: number): void {
  for (let row = 0; row < 8; row++) {
    const line = to + row * width
    for (let x = 0; x < width; x += 8) inverseCosine(work, from + x * 8 + row * 8, 1, out, line + x)
    for (let x = 8; x < width; x += 8) lap(W_TRANSPOSED, out, line + x - 1, line + x, 1)
  }
}

/** The vertical DCT of a row of blocks, in place. */
function cosineRow(step: typeof cosine, x: Float64Array, start: number, band: number): void {
  for (let block = start; block < start + band; block += 64) {
    for (let column = block; column < block + 8; column++) step(x, column, 8, x, column)
  }
}

/** The vertical filter between two rows of blocks, in place. */
function lapRows(w: Float64Array, x: Float64Array, above: number, below: number, band: number): void {
  for (let block = 0; block < band; block += 64) {
    for (let column = block; column < block + 8; column++) lap(w, x, above + column + 56, below + column, 8)
  }
}

/**
 * The filter across one boundary, in place: x[left], x[left − step], … are the samples before it, outwards, and
 * x[right], x[right + step], … those behind. d_i = before_i − behind_i; before_i += Σ W_ij·d_j, behind_i −= the same.
 * With w = W it is ½·[I J; J −I]·diag(I, V)·[I J; J −I] on the 8 samples, with W transposed the inverse. What is flat
 * stays as it is.
 */
function lap(w: Float64Array, x: Float64Array, left: number, right: number, step: number): void {
  const a0 = x[left],
    a1 = x[left - step],
    a2 = x[left - 2 * step],
    a3 = x[left - 3 * step]
  const b0 = x[right],
    b1 = x[right + step],
    b2 = x[right + 2 * step],
    b3 = x[right + 3 * step]
  const d0 = a0 - b0,
    d1 = a1 - b1,
    d2 = a2 - b2,
    d3 = a3 - b3
  const w0 = w[0] * d0 + w[1] * d1 + w[2] * d2 + w[3] * d3
  const w1 = w[4] * d0 + w[5] * d1 + w[6] * d2 + w[7] * d3
  const w2 = w[8] * d0 + w[9] * d1 + w[10] * d2 + w[11] * d3
  const w3 = w[12] * d0 + w[13] * d1 + w[14] * d2 + w[15] * d3
  x[left] = a0 + w0
  x[left - step] = a1 + w1
  x[left - 2 * step] = a2 + w2
  x[left - 3 * step] = a3 + w3
  x[right] = b0 - w0
  x[right + step] = b1 - w1
  x[right + 2 * step] = b2 - w2
  x[right + 3 * step] = b3 - w3
}

/** Orthonormal DCT-II of 8 numbers, `step` apart in both arrays; in place if they are the same. */
function cosine(x: Float64Array, from: number, step: number, out: Float64Array, to: number): void {
  const x0 = x[from],
    x1 = x[from + step],
    x2 = x[from + 2 * step],
    x3 = x[from + 3 * step]
  const x4 = x[from + 4 * step],
    x5 = x[from + 5 * step],
    x6 = x[from + 6 * step],
    x7 = x[from + 7 * step]
  const s0 = x0 + x7,
    s1 = x1 + x6,
    s2 = x2 + x5,
    s3 = x3 + x4
  const d0 = x0 - x7,
    d1 = x1 - x6,
    d2 = x2 - x5,
    d3 = x3 - x4
  const t0 = s0 + s3,
    t1 = s1 + s2,
    t2 = s0 - s3,
    t3 = s1 - s2
  out[to] = C4 * (t0 + t1)
  out[to + step] = C1 * d0 + C3 * d1 + C5 * d2 + C7 * d3
  out[to + 2 * step] = C2 * t2 + C6 * t3
  out[to + 3 * step] = C3 * d0 - C7 * d1 - C1 * d2 - C5 * d3
  out[to + 4 * step] = C4 * (t0 - t1)
  out[to + 5 * step] = C5 * d0 - C1 * d1 + C7 * d2 + C3 * d3
  out[to + 6 * step] = C6 * t2 - C2 * t3
  out[to + 7 * step] = C7 * d0 - C5 * d1 + C3 * d2 - C1 * d3
}

/** The inverse of `cosine`. */
function inverseCosine(y: Float64Array, from: number, step: number, out: Float64Array, to: number): void {
  const y0 = y[from],
    y1 = y[from + step],
    y2 = y[from + 2 * step],
    y3 = y[from + 3 * step]
  const y4 = y[from + 4 * step],
    y5 = y[from + 5 * step],
    y6 = y[from + 6 * step],
    y7 = y[from + 7 * step]
  const t0 = C4 * (y0 + y4),
    t1 = C4 * (y0 - y4),
    t2 = C2 * y2 + C6 * y6,
    t3 = C6 * y2 - C2 * y6
  const s0 = t0 + t2,
    s1 = t1 + t3,
    s2 = t1 - t3,
    s3 = t0 - t2
  const d0 = C1 * y1 + C3 * y3 + C5 * y5 + C7 * y7
  const d1 = C3 * y1 - C7 * y3 - C1 * y5 - C5 * y7
  const d2 = C5 * y1 - C1 * y3 + C7 * y5 + C3 * y7
  const d3 = C7 * y1 - C5 * y3 + C3 * y5 - C1 * y7
  out[to] = s0 + d0
  out[to + step] = s1 + d1
  out[to + 2 * step] = s2 + d2
  out[to + 3 * step] = s3 + d3
  out[to + 4 * step] = s3 - d3
  out[to + 5 * step] = s2 - d2
  out[to + 6 * step] = s1 - d1
  out[to + 7 * step] = s0 - d0
}

function checkSide(option: string, found: number): void {
  if (Number.isInteger(found) && found > 0 && found % 8 === 0) return
  throw new DdncError({ tag: 'BadOption', option, found: String(found), allowed: 'a positive multiple of 8' })
}

function checkLength(what: string, found: number, allowed: number): void {
  if (found === allowed) return
  throw new DdncError({ tag: 'BadOption', option: `length of ${what}`, found: String(found), allowed: String(allowed) })
}
