/** Limits of the arithmetic (SPEC 5), on which engines, the loader's proofs and the quantiser agree. */

/** Clip of everything that enters a convolution. */
export const ACTIVATION_MAX = 8191
/** Saturation of the trunk: 127 in 1/256. */
export const TRUNK_MAX = 32512
/** Clamp of means, values and sums of the two grids, in 1/64: 25,600 and 2,400 grey levels. */
export const COARSE_LIMIT = 1638400
export const FINE_LIMIT = 153600
/** Largest escape count. */
export const ESCAPE_MAX = 65535
/** Sum of the frequencies of a choice. */
export const PROBABILITY_ONE = 32768
/** Steps of λ are s = 0…73: ln λ = 1 + s/10. */
export const MAX_LAMBDA_STEP = 73
