/** The coarse grid, with an engine of its own. */
import type { Engine } from '../engine/engine.js'
import { loadEngine } from '../engine/loadEngine.js'
import { walkCoarse, type Coarse } from '../network/coarse.js'
import type { Layout } from '../network/layout.js'
import type { CellGridModel } from '../network/model.js'
import { drive } from './drive.js'
import { engineParts } from './engineParts.js'
import type { WorkOptions } from './threads.js'

/**
 * Walks the coarse grid.
 * @returns the engine too, where the picture is one tile. Else nothing holds it any more: its memory has grown with the
 *   coarse grid of a large picture and does not shrink.
 * @throws as the guide; the signal's reason
 * @example const { coarse } = await coarseOf(model, layout, 40, guide, {})
 */
export async function coarseOf(
  model: CellGridModel,
  layout: Layout,
  s: number,
  guide: Parameters<typeof walkCoarse>[4],
  options: WorkOptions,
): Promise<{ coarse: Coarse; engine: Engine | null }> {
  const engine = await loadEngine(options.engine ?? 'wasm', engineParts(model))
  const coarse = await drive(walkCoarse(engine, model, layout, s, guide), { signal: options.signal })
  return { coarse, engine: layout.tiles.length === 1 ? engine : null }
}
