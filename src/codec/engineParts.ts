/** From a model to an engine. */
import type { EngineParts } from '../engine/loadEngine.js'
import { cellTablesOf, convolutionsOf } from '../network/assemble.js'
import type { Model } from '../network/model.js'

/**
 * What an engine keeps of a model.
 * @example const engine = await loadEngine('wasm', engineParts(model))
 */
export const engineParts = (model: Model): EngineParts => ({
  convolutions: convolutionsOf(model).map(({ convolution }) => convolution),
  cellTables: cellTablesOf(model),
})
