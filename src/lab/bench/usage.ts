/** How evenly the candidates of a model's layers are chosen on pictures: what Split-and-Prune and balancing are for. */
import { columns } from '../../columns.js'
import type { Engine } from '../../engine/engine.js'
import type { CellGridModel, Layer } from '../../network/model.js'
import type { Picture } from '../../network/picture.js'
import { encoderOf } from '../quantise/encoderWalk.js'
import { countChoices, deadShareOf, noCounts, usageOf, type Counts } from '../train/counts.js'

export type LayerChoices = Readonly<{ name: string; layer: Layer; counts: Counts }>

/** Of a layer, over its coefficients. */
export type LayerUsage = Readonly<{
  name: string
  /** log2 of the number of candidates. */
  bits: number
  /** Mean entropy of a coefficient's choices, in bits: of how often each was chosen, whatever the prior knew. */
  entropy: number
  /** Share of the candidates that no cell chose. */
  dead: number
  /** Leaves times coefficients. */
  candidates: number
}>

/**
 * The encoder's choices in the model's default profile, with every layer coded.
 * @param pictures with 3 components
 * @param s step of λ; by default the highest at which all fine layers are coded
 * @example const usage = choicesOn(model, engine, pictures).map(layerUsage)
 */
export function choicesOn(
  model: CellGridModel,
  engine: Engine,
  pictures: readonly Picture[],
  s = Math.min(...model.fine.layers.map(({ until }) => until)),
): LayerChoices[] {
  const { coarse, fine } = model
  const all = [coarse, fine].flatMap(({ name, layers }) =>
    layers.map((layer) => ({
      name: `${name} ${layer.first}-${layer.end - 1}`,
      layer,
      counts: noCounts(layer),
    })),
  )
  const countsOf = new Map(all.map(({ layer, counts }) => [layer, counts]))
  for (const picture of pictures) {
    encoderOf(
      engine,
      model,
      picture,
    )(s, ({ layer, size }, { leaves }) => {
      // The engine's array may be longer: it has room for the widest layer.
      const path = leaves.subarray(0, size.width * size.height * (layer.end - layer.first))
      countChoices(countsOf.get(layer)!, layer, path, size, 'by position')
    })
  }
  return all
}

/**
 * @returns entropy NaN and all dead where nothing was counted
 * @example layerUsage({ name, layer, counts: Uint32Array.of(2, 2, 0, 0) }) // entropy 1 of 2 bits, half of 4 dead
 */
export function layerUsage({ name, layer, counts }: LayerChoices): LayerUsage {
  const bits = Math.log2(layer.leaves)
  const entropy = bits * (usageOf(counts, layer.leaves) ?? NaN)
  return { name, bits, entropy, dead: deadShareOf(counts) ?? 1, candidates: counts.length }
}

/**
 * A table: a line a layer and one of all; three columns a model, side by side where the layers are the same.
 * @param models of the same layers, with the heading of their columns
 * @example usageTable([['neither', first], ['Split-and-Prune', second]]).join('\n')
 */
export function usageTable(models: readonly (readonly [title: string, usage: readonly LayerUsage[]])[]): string[] {
  const total = (usage: readonly LayerUsage[]): LayerUsage => {
    const sum = (of: (layer: LayerUsage) => number): number => usage.reduce((before, layer) => before + of(layer), 0)
    return {
      name: 'all',
      // Means over cells of one position of each grid would need the sizes of pictures: over layers, then.
      bits: sum(({ bits }) => bits) / usage.length,
      entropy: sum(({ entropy }) => entropy) / usage.length,
      dead: sum(({ dead, candidates }) => dead * candidates) / sum(({ candidates }) => candidates),
      candidates: sum(({ candidates }) => candidates),
    }
  }
  const rows = models.map(([, usage]) => [...usage, total(usage)])
  return columns([
    ['layer', 'bits', ...models.flatMap(([title]) => [title, 'used', 'dead'])],
    ...rows[0].map(({ name, bits }, i) => [
      name,
      bits.toFixed(2),
      ...rows.flatMap((usage) => {
        const { entropy, dead, candidates } = usage[i]
        const used = `${((100 * entropy) / usage[i].bits).toFixed(1)} %`
        return [entropy.toFixed(3), used, `${Math.round(dead * candidates)}/${candidates}`]
      }),
    ]),
  ])
}
