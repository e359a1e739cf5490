/** How large coefficients of pictures are: where a network's scales start. */
import { toOpponent } from '../../network/colour.js'
import { analyse } from '../../network/lapped.js'
import type { Picture } from '../../network/picture.js'
import type { Random } from '../../network/uniform.js'
import { cropsOf, type Photographs } from './data.js'
import type { Training } from './training.js'

/** Crops that are looked at, and their side: the reference's. */
const CROPS = 300
const SIDE = 192

/** Coefficients of a block, and of its three planes: plane·64 + row·8 + column. */
const BLOCK = 64

/**
 * Root mean square of every coefficient of the lapped transform, over training crops as training cuts them.
 * @returns Float64Array[192] in grey levels, plane·64 + row·8 + column
 * @throws {DdncError} BadOption as `cropsOf`
 * @example const deviations = deviationsOf(data, recipe.training.data, random)
 */
export function deviationsOf(
  data: Photographs,
  settings: Training['data'],
  random: Random,
  crops = CROPS,
  side = SIDE,
): Float64Array {
  const sums = new Float64Array(3 * BLOCK)
  for (let i = 0; i < crops; i++) {
    const picture: Picture = {
      width: side,
      height: side,
      components: 3,
      data: cropsOf(data, settings, random, 1, side),
    }
    toOpponent(picture, side, side).forEach((plane, p) => {
      analyse(plane, side, side).forEach((value, at) => (sums[p * BLOCK + (at % BLOCK)] += value * value))
    })
  }
  const positions = (crops * side * side) / BLOCK
  return sums.map((sum) => Math.sqrt(sum / positions))
}
