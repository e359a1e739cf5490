/** Recipes: what `ddnc train` makes and how, as a small JSON file in which every number is checked. */
import { bad, fieldsOf } from './fields.js'
import { gridRecipeOf, type GridRecipe } from './gridRecipe.js'
import { wholeRecipeOf, type WholeRecipe } from './whole/recipe.js'

/** Of a cell-grid network, or of a whole-image network. */
export type Recipe = GridRecipe | WholeRecipe

/**
 * @param text JSON, as in recipes/photo.json and recipes/mnist.json
 * @throws {DdncError} BadOption, naming the field, what it is and what it may be
 * @example const { structure, training } = readRecipe(await readFile('recipes/photo.json', 'utf8'))
 */
export function readRecipe(text: string): Recipe {
  const root = fieldsOf(parse(text), 'recipe')
  const name = root.text('name', /^[\x21-\x7e]{1,8}$/, '1 to 8 characters of ASCII')
  const fields = root.object('structure')
  const profiles = fields.list('profiles', 2, (json, where) => {
    if (json === 'entropy' || json === 'plain') return json
    throw bad(where, json, 'entropy, plain')
  })
  const training = root.object('training')
  root.done()
  const whole = fields.optional('whole')
  if (!whole) return gridRecipeOf(name, profiles, fields, training)
  fields.done()
  if (profiles.join() !== 'plain') throw bad(`${fields.where}.profiles`, profiles, '["plain"], of whole images')
  return wholeRecipeOf(name, whole, training)
}

export const isWhole = (recipe: Recipe): recipe is WholeRecipe => 'whole' in recipe.structure

/**
 * A recipe that is of a cell-grid network.
 * @throws {DdncError} BadOption: of a whole-image network
 */
export function cellGridRecipe(recipe: Recipe): GridRecipe {
  if (isWhole(recipe)) throw bad('recipe.structure', 'of whole images', 'a cell grid')
  return recipe
}

/** A recipe of a cell-grid network. @throws {DdncError} BadOption, as readRecipe and cellGridRecipe */
export const readGridRecipe = (text: string): GridRecipe => cellGridRecipe(readRecipe(text))

/** As cellGridRecipe, of a whole-image network. */
export function wholeImageRecipe(recipe: Recipe): WholeRecipe {
  if (!isWhole(recipe)) throw bad('recipe.structure', 'a cell grid', 'of whole images')
  return recipe
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw bad('recipe', cause instanceof Error ? cause.message : cause, 'JSON')
  }
}
