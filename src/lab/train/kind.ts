/**
 * What differs between the kinds of networks that one trainer trains: weights, batches, what is forward and what is
 * counted. The loop, Adam, the schedule, checkpoints, teams, the log and the curves know nothing of it.
 */
import type { NamedTensorMap } from '@tensorflow/tfjs-core'
import type { Random } from '../../network/uniform.js'
import type { PictureSet } from '../data/pictureSet.js'
import type { Counts } from './counts.js'
import type { Photographs } from './data.js'
import type { Matching, Saved } from './from.js'
import { gridKind } from './gridKind.js'
import type { Row } from './log.js'
import type { Operations } from './operations.js'
import { isWhole, type Recipe } from './recipe.js'
import type { Run } from './run.js'
import type { Score } from './score.js'
import type { Team } from './team.js'
import type { Size } from './training.js'
import type { Distribution } from './usage.js'
import { wholeKind } from './whole/kind.js'

/** What is trained on: photographs that crops are cut from, or whole pictures of one size. */
export type Data = Photographs | PictureSet

export type Parameter = Readonly<{
  name: string
  shape: readonly number[]
  /** False: a constant of the model, set when training begins. */
  trained: boolean
}>

export type Kind = Readonly<{
  parameters: readonly Parameter[]
  /** First weights and constants of a run. @param given those that a run begins with, where there are */
  begin(data: Data, random: Random, given: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array>
  /** Those of saved weights that the network has, too. */
  matching(saved: Saved): Matching
  /** What Split-and-Prune and balancing look after. */
  distributions: readonly Distribution[]
  /** Names of what the log has bits and usage of. */
  layers: readonly string[]
  /** Most choices that a step counts: numbers of all its counters. */
  choices: number
  /** Work of the steps of a run. */
  sizes: readonly Size[]
  score: Score
  /**
   * The gradient of a step's batch, or of a member's share of it. All draws of `run.random` are made here, the same by
   * every member.
   * @param share of the steps that is done
   */
  gradient(ops: Operations, run: Run, data: Data, share: number, team: Team): Gradient
}>

export type Gradient = Readonly<{
  /** By the names of variables; none if no picture of the batch is this member's. */
  grads: NamedTensorMap
  /** What was seen, of the whole batch; to be called once, after the update. */
  look: () => Promise<Seen>
}>

export type Seen = Readonly<{
  row: Omit<Row, 'step'>
  /** Choices by distribution. */
  counts: readonly Counts[]
}>

/** @example kindOf(readRecipe(text)).parameters.length */
export const kindOf = (recipe: Recipe): Kind => (isWhole(recipe) ? wholeKind(recipe) : gridKind(recipe))
