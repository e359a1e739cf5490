/** Models that `ddnc paper` needs and was not given: trained by `ddnc train`, exported by `ddnc export`, and kept. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Order } from '../lab/paper/experiment.js'
import type { Model } from '../node.js'
import { given, type Terminal } from './command.js'
import { exportCommand } from './export.js'
import { exists } from './io.js'
import { chosenModel } from './models.js'
import type { Chosen } from './options.js'
import { trainIn } from './trainRun.js'

/**
 * A folder of its own for each recipe and length: a run that was stopped goes on, one that is done is not repeated.
 * @param data folder of pictures: trained and calibrated on
 * @param out of the experiment; models are in `models/` there
 * @example await makeModel({ recipe, steps: 1000 }, 'mnist', 'figures', chosen, terminal)
 */
export async function makeModel(
  { recipe, steps }: Order,
  data: string,
  out: string,
  chosen: Chosen,
  terminal: Terminal,
): Promise<Model> {
  const { name } = JSON.parse(recipe) as { name: string }
  const key = createHash('sha256').update(`${steps} ${recipe}`).digest('hex').slice(0, 8)
  const folder = join(out, 'models', `${name}-${key}`)
  const [text, checkpoint, model] = ['recipe.json', 'checkpoint.safetensors', `${name}.ddnm`].map((file) =>
    join(folder, file),
  )
  if (!(await exists(model))) {
    await mkdir(folder, { recursive: true })
    await writeFile(text, recipe)
    const { backend, threads, quiet } = chosen
    const common = given({ backend, threads, quiet })
    const from = (await exists(checkpoint)) ? ({ resume: true } as const) : { recipe: text }
    await trainIn(data, folder, { ...common, ...from, steps }, terminal)
    await exportCommand.run([checkpoint, model], { ...given({ quiet }), pictures: data, force: true }, terminal)
  }
  return chosenModel(model, terminal)
}
