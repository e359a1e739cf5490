/** How evenly the candidates of a model's layers are chosen on pictures: what Split-and-Prune and balancing are for. */
import { columns } from '../../columns.js'
import { forEachCell } from '../../engine/cells.js'
import type { Engine } from '../../engine/engine.js'
import type { Layer, Model } from '../../network/model.js'
import type { Picture } from '../../network/picture.js'
import { encoderOf } from '../quantise/encoderWalk.js'
import { usageOf } from '../train/log.js'

/** Choices of a layer: one row a coefficient, [r][leaves]. */
export type LayerChoices = Readonly<{ name: string; layer: Layer; counts: readonly Float64Array[] }>

/** Of a layer, over its coefficients. */
export type LayerUsage = Readonly<{
  name: string
  /** log2 of the number of candidates. */
  bits: number
  /** Mean entropy of a coefficient's choices, in bits: of how often each was chosen, whatever the prior knew. */
  entropy: number
  /** Candidates that no cell chose, of `candidates`: leaves times coefficients. */
  dead: number
  candidates: number
}>

/**
 * The encoder's choices in the model's default profile, with every layer coded.
 * @param pictures with 3 components
 * @param s step of λ; by default the highest at which all fine layers are coded
 * @example const usage = choicesOn(model, engine, pictures).map(layerUsage)
 */
export function choicesOn(
  model: Model,
  engine: Engine,
  pictures: readonly Picture[],
  s = Math.min(...model.fine.layers.map(({ until }) => until)),
): LayerChoices[] {
  const { coarse, fine } = model
  const all = [coarse, fine].flatMap(({ name, layers }) =>
    layers.map((layer) => ({
      name: `${name} ${layer.first}-${layer.end - 1}`,
      layer,
      counts: Array.from({ length: layer.end - layer.first }, () => new Float64Array(layer.leaves)),
    })),
  )
  const countsOf = new Map(all.map(({ layer, counts }) => [layer, counts]))
  for (const picture of pictures) {
    encoderOf(
      engine,
      model,
      picture,
    )(s, ({ layer, size }, { leaves }) => {
      const counts = countsOf.get(layer)!
      forEachCell(layer, size, (cell) => counts[cell % counts.length][leaves[cell]]++)
    })
  }
  return all
}

/**
 * @example layerUsage({ name, layer, counts: [Float64Array.of(2, 2, 0, 0)] }) // entropy 1 of 2 bits, 2 dead of 4
 */
export function layerUsage({ name, layer, counts }: LayerChoices): LayerUsage {
  const bits = Math.log2(layer.leaves)
  const shares = counts.map(usageOf).filter((share) => share !== null)
  const dead = counts.reduce((sum, row) => sum + row.filter((count) => count === 0).length, 0)
  return {
    name,
    bits,
    entropy: (bits * shares.reduce((a, b) => a + b, 0)) / shares.length,
    dead,
    candidates: counts.length * layer.leaves,
  }
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
      dead: sum(({ dead }) => dead),
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
        return [entropy.toFixed(3), `${((100 * entropy) / usage[i].bits).toFixed(1)} %`, `${dead}/${candidates}`]
      }),
    ]),
  ])
}
