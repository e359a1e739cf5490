/** What experiments on models have in common: the models, the pictures they are judged on, and those pictures' paths. */
import { DdncError } from '../../errors.js'
import type { Model } from '../../node.js'
import type { WholeImageModel } from '../../network/wholeModel.js'
import { join } from 'node:path'
import { readFolder } from '../data/folder.js'
import type { PictureSet } from '../data/pictureSet.js'
import type { Say } from '../bench/report.js'
import { codeSet } from './codeSet.js'
import type { Coded } from './coding.js'
import type { ExperimentOptions } from './experiment.js'

/** A model and what it made of a set. */
export type CodedModel = Readonly<{ model: WholeImageModel; coded: Coded }>

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

/** @throws {DdncError} BadOption: a model for photographs */
export function wholeImage(model: Model): WholeImageModel {
  if (model.kind === 'whole') return model
  throw new DdncError({ tag: 'BadOption', option: '--model', found: model.name, allowed: 'a model of whole pictures' })
}

/** All models' paths of a set, one model after the other. */
export async function codeAll(
  models: readonly WholeImageModel[],
  set: PictureSet,
  { out, threads, signal }: ExperimentOptions,
  say: Say,
): Promise<CodedModel[]> {
  const all: CodedModel[] = []
  for (const model of models) {
    say(`${model.name}: paths of ${set.count} pictures`)
    all.push({ model, coded: await codeSet(model, set, { threads, cache: join(out, 'paths'), signal }) })
  }
  return all
}
