/** Another policy of which fine layers an encoder codes: numbers of the model, which weights do not depend on. */
import type { FloatModel } from './prototype.js'

/**
 * @param steps largest step of λ at which each of the last fine layers is coded, not increasing
 * @example withUntil(float, [58, 58, 24]).structure.fine.layers.at(-1)!.until // 24
 */
export function withUntil(float: FloatModel, steps: readonly number[]): FloatModel {
  const changed = <Layer extends { until: number }>(layers: readonly Layer[]): Layer[] =>
    layers.map((layer, i) => ({ ...layer, until: steps[i - layers.length + steps.length] ?? layer.until }))
  const { structure, model } = float
  return {
    ...float,
    structure: { ...structure, fine: { ...structure.fine, layers: changed(structure.fine.layers) } },
    model: { ...model, fine: { ...model.fine, layers: changed(model.fine.layers) } },
  }
}
