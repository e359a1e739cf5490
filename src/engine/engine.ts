/**
 * Kernels of the walk, behind one interface. Loops over layers and tiles exist once, above (network/walk.ts).
 * `reference.ts` is written to be read beside the specification; `wasm/` is fast; they agree bit for bit.
 *
 * Layout everywhere: [position in raster order, channel]. An engine belongs to one model and one walk at a time.
 */

/** Integers in a `.ddnm`; Float32Array in the float original. */
export type Numbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array

/** y[o] = (bias[o] + Σ weights[o, ky, kx, i] · x[i] + 2^(shift[o]−1)) >> shift[o]. Zeros beyond the grid. */
export type Convolution = Readonly<{
  name: string
  side: 1 | 3
  inputs: number
  outputs: number
  /** [outputs, side, side, inputs]: int8 or int16. */
  weights: Numbers
  /** [outputs], int32 in the scale of the sum. */
  bias: Numbers
  /** [outputs], 0…30. */
  shift: Numbers
}>

/** A bias per channel that depends on λ: (a₀ + a₁t + a₂t² + 2^15) >> 16 with t = s − 40. [3, channels], int32. */
export type Quadratic = Readonly<{ name: string; channels: number; coefficients: Numbers }>

/** What the kernels need of a layer. Tables: one row per child of every inner node, breadth first. */
export type CellTables = Readonly<{
  /** Coefficients covered: order[first … end) of the grid. */
  first: number
  end: number
  /** Candidates per choice, 2…512. */
  K: number
  /** Choices per cell, each among the K children of the candidate reached so far. K = 2: Taiji. */
  n: number
  /** K^n ≤ 1024 */
  leaves: number
  /** K + K² + … + K^n */
  rows: number
  /** Positions that choose: all, or where (x + y) is even or odd. */
  cells: 'all' | 'even' | 'odd'
  /** First and last leaf are followed by a count (SPEC 6.5). */
  escape: boolean
  /** Numbers per coefficient from which the prior is made, 1…16. */
  rank: number
  /** [end − first, rows], 1/256. */
  u: Numbers
  /** [end − first, rows, rank] */
  priorTable: Numbers
  /** [end − first, rows], in the scale of Σ table·z. */
  priorBias: Numbers
  /** From Σ table·z + bias to logits in 1/256 nat. */
  priorShift: number
  /** [end − first] added after ln σ is clamped to −1536…1280: ln of the coefficient's scale, 1/256. */
  scaleBase: Numbers
}>

/** Width and height of a grid, in positions. */
export type Size = Readonly<{ width: number; height: number }>

/**
 * What becomes of y, the shifted sum of a convolution (SPEC 5.2):
 * `activation` int16, clipped to 0…8191; `signed` int16, clipped to ±8191; `wide` int32, as it is;
 * `accumulate` int16: out ← out + y, saturated at ±32512.
 */
export type OutputMode = 'activation' | 'signed' | 'wide' | 'accumulate'

export type Kind = 'int16' | 'int32' | 'uint16'

/** Cells of one layer: where its candidates are (SPEC 6.2). r = end − first. */
export type Heads = Readonly<{
  /** [positions, r] int32 in 1/64, clamped to the grid's limit. */
  mean: Numbers
  /** [positions, r] int32: row of the σ table, 0…3784 (SPEC 5.4). */
  sigma: Numbers
  /** [positions, r, rows] uint16: of 2^15, conditional on the inner node. Valid after `frequencies`. */
  frequencies: Numbers
}>

/** What a guide chose. Cells that do not choose (half-passes) hold 0. */
export type Choices = {
  /** [positions, r] uint16 */
  readonly leaves: Numbers
  /** [positions, r] uint16: escape counts, 0 where the leaf has none. */
  readonly counts: Numbers
  /** Set by a guide, of a layer's last part, when the walk ends after this layer (a cut stream). */
  last: boolean
}

export interface Engine {
  readonly name: string

  /** Rounds what double arithmetic made (SPEC 7.4): floor(x + 1/2). The float original keeps x. */
  round(x: number): number

  /** narrow of one number (SPEC 5.1): clip((x + half) >> shift, −8191, 8191). The float original keeps x. */
  narrowed(x: number, shift: number): number

  /** A zero-filled array outside the workspace, which the caller keeps. */
  allocate(kind: Kind, length: number): Numbers

  /** Typed arrays of the engine's memory, zero-filled. All arrays handed out before become invalid. */
  workspace<Name extends string>(sizes: Readonly<Record<Name, readonly [Kind, number]>>): Record<Name, Numbers>

  /** λ bias at step s (SPEC 5.3): (a₀ + a₁t + a₂t² + 2^15) >> 16, t = s − 40. [channels] */
  lambdaBias(quadratic: Quadratic, s: number): Numbers

  /**
   * out = clip((max(0, h + bias) + half) >> shift, 0, 8191) (SPEC 5.1).
   * With `border` out is [height + 2, width + 2, channels] and its border zero, else [height, width, channels].
   * bias null: 0.
   */
  rectify(
    h: Numbers,
    bias: Numbers | null,
    shift: number,
    channels: number,
    size: Size,
    border: boolean,
    out: Numbers,
  ): void

  /** out = clip((x + half) >> shift, −8191, 8191), with a zero border. x [height, width, channels] int16. */
  narrow(x: Numbers, shift: number, channels: number, size: Size, out: Numbers): void

  /** x [height + 2, width + 2, inputs] within ±8191 (SPEC 5.1), with its zero border; out [height, width, outputs]. */
  conv3x3(convolution: Convolution, x: Numbers, size: Size, mode: OutputMode, out: Numbers): void

  /** x [positions, inputs], out [positions, outputs]. */
  conv1x1(convolution: Convolution, x: Numbers, positions: number, mode: OutputMode, out: Numbers): void

  /**
   * Outputs first…end − 1 of a 1×1 convolution alone, mode wide: out [positions, end − first] int32. A plain loop in
   * every engine: what a decoder needs of a whole-image layer is one candidate of K.
   */
  conv1x1Outputs(
    convolution: Convolution,
    x: Numbers,
    positions: number,
    first: number,
    end: number,
    out: Numbers,
  ): void

  /**
   * Splits the head's output [positions, 2r] (SPEC 5.4):
   * mean = clamp(head, ±limit); sigma = clamp(clamp(head + scaleBias, −1536, 1280) + scaleBase + 768, 0, 3784).
   */
  splitHeads(
    layer: CellTables,
    heads: Numbers,
    scaleBias: Numbers,
    limit: number,
    positions: number,
    mean: Numbers,
    sigma: Numbers,
  ): void

  /** Prior of every cell (SPEC 5.5): z [positions, r·rank] → frequencies [positions, r, rows]. */
  frequencies(layer: CellTables, z: Numbers, positions: number, out: Numbers): void

  /**
   * Value of a candidate, in 1/64 (SPEC 6.4).
   * @param cell position·r + c, with c the coefficient within the band
   * @param row row of the tables: a leaf's is rows − leaves + leaf
   * @param count escape count, outwards from an end leaf
   */
  candidateValue(layer: CellTables, heads: Heads, limit: number, cell: number, row: number, count: number): number

  /** Escape count of an end leaf that comes nearest to a target (1/64), 0…65,535. */
  nearestCount(layer: CellTables, heads: Heads, cell: number, leaf: number, target: number): number

  /**
   * The rate-distortion guide's argmin over all leaves of every cell that chooses: importance·weight·d² + lambda·bits,
   * ties to the lowest leaf; the end leaves also with the best escape count. Free of the bit-exact rule, yet engines agree.
   * target [positions, r] int32 in 1/64: what is left of the target; weights Float64Array[r]: of the squared error;
   * importance Float64Array[positions]: of a position's errors, null: all are 1.
   * lambda: in 1/4096 grey level² per bit.
   */
  cheapest(
    layer: CellTables,
    heads: Heads,
    target: Numbers,
    weights: Numbers,
    importance: Numbers | null,
    lambda: number,
    limit: number,
    size: Size,
    out: Choices,
  ): void

  /**
   * Replays the choices (SPEC 6.4, 6.6): sum[·, first…end) ← clamp(sum + value, ±limit), and the inputs of the
   * feedback convolution, features [positions, 3r]: log features in 1/1024, u in 1/128, |u| in 1/128.
   * sum [positions, sumStride] int32.
   */
  apply(
    layer: CellTables,
    heads: Heads,
    choices: Choices,
    limit: number,
    size: Size,
    sumStride: number,
    sum: Numbers,
    features: Numbers,
  ): void
}
