/** A training run in a folder: what `ddnc train` does once its options are known. Loaded by that command alone. */
import { mkdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { DdncError } from '../errors.js'
import { loadBackend } from '../lab/train/backend.js'
import { readCheckpoint } from '../lab/train/checkpoint.js'
import { weightsOf, type Matching } from '../lab/train/from.js'
import { kindOf } from '../lab/train/kind.js'
import { readLog } from '../lab/train/log.js'
import { operations } from '../lab/train/operations.js'
import { readRecipe } from '../lab/train/recipe.js'
import { beginRun, resumeRun, type Length } from '../lab/train/run.js'
import { membersFor, startTeam } from '../lab/train/teammates.js'
import { say, type Terminal } from './command.js'
import { exists, readInput, removeTemporaries } from './io.js'
import type { Chosen } from './options.js'
import { summary } from './report.js'
import { readData } from './trainData.js'
import { trainLoop } from './trainLoop.js'

/**
 * @param folder of photographs, or of MNIST, CIFAR-10 or pictures of one size
 * @param out folder to write to, made if it is missing
 * @throws {DdncError} BadOption: a new run, not forced, into a folder that has a checkpoint
 */
export async function trainIn(folder: string, out: string, chosen: Chosen, terminal: Terminal): Promise<void> {
  const paths = {
    checkpoint: join(out, 'checkpoint.safetensors'),
    log: join(out, 'log.jsonl'),
    curves: join(out, 'curves.svg'),
  }
  const note = (line: string): void => say(line, '', chosen, terminal)
  const read = (path: string): Promise<Uint8Array> => readInput(path, terminal.stdin, terminal.signal)
  const checkpoint = chosen.resume ? await read(paths.checkpoint) : null
  const begin = checkpoint ? null : await beginning(chosen, read)
  if (begin && !chosen.force) await refuseToReplace(paths.checkpoint, out)
  const recipe = readRecipe(begin?.text ?? readCheckpoint(checkpoint!).recipe)
  const members = membersFor(kindOf(recipe), chosen.threads ?? availableParallelism())
  const backend = await loadBackend(chosen.backend, { threads: chosen.threads, copies: members })
  if (backend.advice) note(backend.advice)
  const ops = operations(backend)
  const length = lengthOf(chosen)
  const resumed = checkpoint && resumeRun(ops, checkpoint, length)
  const { data, look } = await readData({ folder, note, signal: terminal.signal }, recipe)
  if (!look) note('no picture is held out, so there is no validation')
  const run = resumed ?? beginRun(ops, begin!.text, data, length!, begin!.given?.weights)
  if (begin?.given) {
    const { taken, all } = begin.given
    note(`${taken} of ${all} weights are those of ${basename(chosen.from!)}${taken < all ? ', the rest random' : ''}`)
  }

  await mkdir(out, { recursive: true })
  await removeTemporaries(out)
  const old = resumed ? await readFile(paths.log, 'utf8').catch(() => '') : ''
  const log = readLog(old, run.kind.layers.length, run.step, run.kind.score.places.length)
  const { team, end } = await startTeam(ops, run, data, members)
  try {
    await trainLoop(run, log, { ops, data, look, out: paths, chosen, terminal, team })
  } finally {
    await end()
  }
  note(summary(paths.checkpoint, [`${run.step} steps`, 'ddnc export makes a model of it']))
}

/** A checkpoint may be hours of training: one that is in the way is not replaced by a new run that was not told to. */
async function refuseToReplace(checkpoint: string, out: string): Promise<void> {
  if (!(await exists(checkpoint))) return
  const allowed = 'a folder without one; --resume goes on from it, -f begins anew'
  throw new DdncError({ tag: 'BadOption', option: '--out', found: `${out}, which has a checkpoint`, allowed })
}

/** Undefined: as the checkpoint says. */
function lengthOf({ steps, minutes }: Chosen): Length | undefined {
  if (steps === undefined && minutes === undefined) return undefined
  return { steps: steps ?? null, minutes: minutes ?? null }
}

/** The recipe of a new run, and the weights that it begins with; null: random ones. */
async function beginning(
  { recipe, from }: Chosen,
  read: (path: string) => Promise<Uint8Array>,
): Promise<{ text: string; given: Matching | null }> {
  if (from === undefined) return { text: await recipeText(recipe ?? 'photo'), given: null }
  const saved = weightsOf(await read(from))
  const text = recipe === undefined ? saved.recipe : await recipeText(recipe)
  if (text === null) {
    const allowed = `the network to train: ${basename(from)} holds weights alone`
    throw new DdncError({ tag: 'BadOption', option: '--recipe', found: 'missing', allowed })
  }
  return { text, given: kindOf(readRecipe(text)).matching(saved) }
}

/** A recipe of the package by its name, or a JSON file by its path. */
async function recipeText(nameOrFile: string): Promise<string> {
  const isFile = /\.json$|[/\\]/.test(nameOrFile)
  const path = isFile ? nameOrFile : new URL(`../../recipes/${nameOrFile}.json`, import.meta.url)
  return readFile(path, 'utf8').catch((cause: unknown) => {
    const option = {
      tag: 'BadOption',
      option: '--recipe',
      found: nameOrFile,
      allowed: 'a recipe of the package, such as photo, or a .json file',
    } as const
    throw new DdncError(option, { cause })
  })
}
