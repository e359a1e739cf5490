/** The models of an experiment: those that were named, or those that its plan has, trained. */
import { readFile } from 'node:fs/promises'
import { wholeImage } from '../../network/model.js'
import type { WholeImageModel } from '../../network/wholeModel.js'
import type { Say } from '../bench/report.js'
import type { ExperimentOptions } from './experiment.js'
import { readPlan, variantText } from './plan.js'

export type TrainedModel = Readonly<{
  model: WholeImageModel
  /** The variant's name; of a model that was named, its own. */
  variant: string
  /** Of its training; null: not known. */
  seed: number | null
}>

/** Beside src/ and dist/ alike. */
const RECIPES = new URL('../../../recipes/', import.meta.url)

/**
 * @param experiment whose plan is recipes/paper/NAME.json
 * @param options their seed is the first of the plan's, their steps are instead of the plan's
 * @throws {DdncError} BadOption: a model for photographs; what training throws
 * @example const [{ model }] = await modelsFor('tree', options, console.log)
 */
export async function modelsFor(experiment: string, options: ExperimentOptions, say: Say): Promise<TrainedModel[]> {
  if (options.models.length > 0) {
    return options.models.map((model) => ({ model: wholeImage(model), variant: model.name, seed: null }))
  }
  const plan = readPlan(await readFile(new URL(`paper/${experiment}.json`, RECIPES), 'utf8'))
  const steps = options.steps ?? plan.steps
  const all: TrainedModel[] = []
  for (let i = 0; i < plan.seeds; i++) {
    const seed = options.seed + i
    for (const variant of plan.models) {
      const name = variant.name ?? variant.recipe
      say(`${name}, seed ${seed}: ${steps} steps`)
      const text = await readFile(new URL(`${variant.recipe}.json`, RECIPES), 'utf8')
      const model = await options.make({ recipe: variantText(text, variant, seed), steps })
      all.push({ model: wholeImage(model), variant: name, seed })
    }
  }
  return all
}
