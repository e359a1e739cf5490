/** A recipe that plain JavaScript can train: a network of four channels, the schedule of `photo`. */
import { readFile } from 'node:fs/promises'

const json = async (path: string): Promise<{ training: object }> =>
  JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as { training: object }

/**
 * @param changes fields of the recipe's training
 * @example await tinyRecipe({ sizes: [{ from: 0, batch: 1, crop: 16 }] })
 */
export async function tinyRecipe(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const { training } = await json('../../../recipes/photo.json')
  return JSON.stringify({ ...(await json('./tiny.json')), training: { ...training, ...changes } })
}
