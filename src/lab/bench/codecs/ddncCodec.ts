/** ddnc itself, with a model. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lambdaOf } from '../../../codec/lambda.js'
import { defaultProfile } from '../../../codec/streams.js'
import { MAX_LAMBDA_STEP } from '../../../engine/limits.js'
import type { CellGridModel } from '../../../network/model.js'
import type { Tune } from '../../../network/tune.js'
import { ROOT } from '../report.js'
import { roundTrip } from '../roundTrip.js'
import { stepsOf } from '../steps.js'
import type { Codec } from './codec.js'

/**
 * @param name as `ddnc encode --model` takes it, for whole processes
 * @param code as `codeVersion` gives it
 * @param encoder its options, where they are not the defaults
 * @example ddncCodec(model, 'photo', await codeVersion(), { tune: 'ssim' })
 */
export function ddncCodec(
  model: CellGridModel,
  name: string,
  code: string,
  encoder: Readonly<{ effort?: number; tune?: Tune }> = {},
): Codec {
  const bin = [process.execPath, join(ROOT, 'bin', 'ddnc.js')]
  const shared = ['--model', name, '--force', '--quiet']
  const chosen = Object.entries(encoder)
  return {
    id: ['ddnc', model.name.replace(/[^\w-]+/g, '-'), ...(encoder.tune ? [encoder.tune] : [])].join('-'),
    name: `ddnc ${model.name}${encoder.tune ? ` tuned for ${encoder.tune}` : ''}`,
    use: chosen.length === 0 ? 'defaults' : chosen.map((option) => option.join(' ')).join(', '),
    version: `code ${code}, model ${Buffer.from(model.hash).toString('hex').slice(0, 16)}`,
    setting: 'step of λ',
    settings: [...stepsOf(model, defaultProfile(model))].reverse(),
    dial: [MAX_LAMBDA_STEP, 0, 1],
    async code(picture, step) {
      const { bytes, decoded } = await roundTrip({ name: 'of the benchmark', picture }, model, step, encoder)
      return { bytes, picture: decoded }
    },
    encodeCommand: (input, output, step) => [
      ...bin,
      'encode',
      input,
      output,
      '--lambda',
      lambdaOf(step).toFixed(3),
      ...chosen.flatMap(([option, value]) => [`--${option}`, `${value}`]),
      ...shared,
    ],
    decodeCommand: (input, output) => [...bin, 'decode', input, output, '--format', 'png', ...shared],
  }
}

/** Folders of dist/ whose code decides about the bytes and pixels of a file. */
const DECIDING = ['codec', 'engine', 'format', 'network']

/**
 * A hash of the code that encodes and decodes: what was measured before stands while it stays, whatever else changes.
 * @example await codeVersion() // '1f0c…', 16 digits
 */
export async function codeVersion(): Promise<string> {
  const hash = createHash('sha256')
  for (const part of DECIDING) {
    const folder = join(ROOT, 'dist', part)
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js')).sort()
    for (const name of names) hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
