/** What experiments on models have in common: the models, the pictures they are judged on, and those pictures' paths. */
import { join } from 'node:path'
import { DdncError } from '../../errors.js'
import { readFolder } from '../data/folder.js'
import type { PictureSet } from '../data/pictureSet.js'
import type { Say } from '../bench/report.js'
import { codeSet } from './codeSet.js'
import type { Coded } from './coding.js'
import type { ExperimentOptions } from './experiment.js'
import type { TrainedModel } from './trained.js'

/** A model, how it came about, and what it made of a set. */
export type CodedModel = TrainedModel & Readonly<{ coded: Coded }>

/**
 * The two parts of the folder that was named.
 * @throws {DdncError} BadOption: none was named, or it has no test part or no labels; what `readFolder` throws
 */
export async function setsOf({
  data,
  count,
  signal,
}: ExperimentOptions): Promise<{ training: PictureSet; test: PictureSet }> {
  const bad = (found: string): DdncError =>
    new DdncError({ tag: 'BadOption', option: '--data', found, allowed: 'a folder of MNIST or CIFAR-10, with labels' })
  if (data === undefined) throw bad('missing')
  const { training, test } = await readFolder(data, { signal })
  if (!test?.labels || !training.labels) throw bad(`${data}, without a test part or without labels`)
  return { training, test: firstOf(test, count ?? test.count) }
}

/**
 * The first pictures of a set.
 * @param count more than there are: all
 * @example firstOf(training, 50000).count // 50000
 */
export function firstOf(set: PictureSet, count: number): PictureSet {
  const own = Math.min(count, set.count)
  const samples = set.width * set.height * set.components
  const labels = set.labels && set.labels.subarray(0, own)
  return { ...set, count: own, labels, data: set.data.subarray(0, own * samples) }
}

/** A model's paths of a set, or their first choices, kept for the next run. */
export const codedBy = (
  model: TrainedModel['model'],
  set: PictureSet,
  { out, threads, signal }: ExperimentOptions,
  choices?: number,
): Promise<Coded> => codeSet(model, set, { threads, cache: join(out, 'paths'), choices, signal })

/** All models' paths of a set, one model after the other. */
export async function codeAll(
  models: readonly TrainedModel[],
  set: PictureSet,
  options: ExperimentOptions,
  say: Say,
): Promise<CodedModel[]> {
  const all: CodedModel[] = []
  for (const one of models) {
    say(`${one.variant}: paths of ${set.count} pictures`)
    all.push({ ...one, coded: await codedBy(one.model, set, options) })
  }
  return all
}
