/** What an experiment trains: recipes of the package with a few numbers changed, as a small JSON file in recipes/paper. */
import { bad, fieldsOf } from '../train/fields.js'

export type Variant = Readonly<{
  /** Name in recipes/, without its extension. */
  recipe: string
  /** Of the model, at most 8 characters with the seed's; null: the recipe's. */
  name: string | null
  /** Candidates of a choice; null: the recipe's. */
  K: number | null
  /** Choices of each stage; null: the recipe's. */
  choices: readonly number[] | null
  /** A JSON merge patch (RFC 7386) of the recipe's training: null removes a field. */
  training: unknown
}>

export type Plan = Readonly<{
  steps: number
  /** Each variant is trained with so many seeds, one after another. */
  seeds: number
  models: readonly Variant[]
}>

/**
 * @param text JSON, as in recipes/paper/splitprune.json
 * @throws {DdncError} BadOption, naming the field
 * @example readPlan('{ "steps": 100, "seeds": 1, "models": [{ "recipe": "mnist" }] }').models[0].K // null
 */
export function readPlan(text: string): Plan {
  const fields = fieldsOf(JSON.parse(text), 'plan')
  const steps = fields.whole('steps', 1, 10_000_000)
  const seeds = fields.whole('seeds', 1, 9)
  const models = fields.list('models', 20, (json, where): Variant => {
    const own = fieldsOf(json, where)
    const has = (name: string): boolean => Object.hasOwn(json as object, name)
    const variant = {
      recipe: own.text('recipe', /^[a-z0-9-]+$/, 'the name of a recipe'),
      name: has('name') ? own.text('name', /^[\x21-\x7e]{1,8}$/, '1 to 8 characters of ASCII') : null,
      K: has('K') ? own.whole('K', 2, 512) : null,
      choices: has('choices') ? own.lengths('choices', 9, 1, 255) : null,
      training: (json as Record<string, unknown>)['training'] ?? {},
    }
    own.optional('training')
    own.done()
    return variant
  })
  fields.done()
  return { steps, seeds, models }
}

/**
 * The recipe of a variant.
 * @param text the recipe that it changes
 * @param seed of its training
 * @returns JSON
 * @throws {DdncError} BadOption: choices for another number of stages
 * @example variantText(await readFile('recipes/mnist.json', 'utf8'), { ...variant, K: 8 }, 1)
 */
export function variantText(text: string, { name, K, choices, training }: Variant, seed: number): string {
  // What else is wrong with a recipe is for the trainer to say.
  const recipe = JSON.parse(text) as {
    name: string
    structure: { whole: { K: number; stages: { steps: number }[] } }
    training: unknown
  }
  const { whole } = recipe.structure
  if (choices && choices.length !== whole.stages.length)
    throw bad('plan.choices', choices, `a number for each of ${whole.stages.length} stages`)
  const stages = whole.stages.map((stage, j) => ({ ...stage, steps: choices?.[j] ?? stage.steps }))
  return JSON.stringify({
    ...recipe,
    name: name ?? recipe.name,
    structure: { ...recipe.structure, whole: { ...whole, K: K ?? whole.K, stages } },
    training: patched(patched(recipe.training, training), { seed }),
  })
}

/** RFC 7386. @example patched({ a: 1, b: 2 }, { a: null, c: 3 }) // { b: 2, c: 3 } */
export function patched(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const all = new Map<string, unknown>(Object.entries(isObject(target) ? target : {}))
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) all.delete(name)
    else all.set(name, patched(all.get(name), value))
  }
  return Object.fromEntries(all)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
