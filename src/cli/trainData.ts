/** The pictures of a folder: what training takes its batches from, and what is held out for validation. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdncError } from '../errors.js'
import { holdOut } from '../lab/data/holdOut.js'
import { readFolder } from '../lab/data/folder.js'
import type { PictureSet } from '../lab/data/pictureSet.js'
import { usable, type NamedPicture, type Photographs } from '../lab/train/data.js'
import { drawScreen } from '../lab/train/drawing.js'
import type { Data } from '../lab/train/kind.js'
import type { Validation } from '../lab/train/log.js'
import type { Operations } from '../lab/train/operations.js'
import { isWhole, type Recipe } from '../lab/train/recipe.js'
import type { Run } from '../lab/train/run.js'
import type { Training } from '../lab/train/training.js'
import { centreOf, oneOfEach, validate, type Crop } from '../lab/train/validate.js'
import { pictureSetFor } from '../lab/train/whole/batch.js'
import type { WholeRecipe } from '../lab/train/whole/recipe.js'
import { validateWhole } from '../lab/train/whole/validate.js'
import { pictureNames, readPicture } from '../node/picture.js'

/** At least that side: crops are cut from drawings as well. */
const DRAWINGS = { count: 48, side: 512 }

/** Where the photographs are, what becomes of a note, and what stops the reading. */
type Source = Readonly<{ folder: string; note: (line: string) => void; signal: AbortSignal }>

/** Measures a run on what is held out. */
export type Look = (ops: Operations, run: Run, signal: AbortSignal) => Promise<Validation>

/**
 * Pictures are decoded once; bad ones, and those of a wrong size, are named and skipped.
 * @returns what to train on, and what looks at the pictures that are held out; null: there are none
 * @throws {DdncError} BadOption: not one that can be used
 * @example const { data, look } = await readData({ folder: 'photos', note: console.log, signal }, recipe)
 */
export async function readData(source: Source, recipe: Recipe): Promise<{ data: Data; look: Look | null }> {
  if (isWhole(recipe)) return readSets(source, recipe)
  const { data, heldOut } = await readPhotographs(source, recipe.training)
  return { data, look: heldOut.length === 0 ? null : (ops, run, signal) => validate(ops, run, heldOut, signal) }
}

async function readSets(
  source: Source,
  { structure: { whole }, training }: WholeRecipe,
): Promise<{ data: Data; look: Look | null }> {
  const { resize, validation } = training.data
  const sets = await pictureSets(source, whole, { resize, holdOut: validation })
  const { test } = sets
  return { data: sets.training, look: test && ((ops, run, signal) => validateWhole(ops, run, test, signal)) }
}

/**
 * MNIST, CIFAR-10 or a folder of pictures, for a network of whole images.
 * @param how pictures of another size come to the network's, and what share of a folder without a test part is held out
 * @returns test: null if nothing is held out
 * @throws {DdncError} BadOption: pictures that the network cannot take
 */
export async function pictureSets(
  { folder, note, signal }: Source,
  whole: WholeRecipe['structure']['whole'],
  how: { resize: boolean; holdOut: number },
): Promise<{ training: PictureSet; test: PictureSet | null }> {
  const { width, height, components } = whole
  const { training, test } = await readFolder(folder, { signal, note, wanted: { width, height, components, ...how } })
  return { training: pictureSetFor(training, whole), test: test && pictureSetFor(test, whole) }
}

/** Photographs, and the middles of those that are held out; none if the recipe holds none out. */
export async function readPhotographs(
  source: Source,
  training: Training,
): Promise<{ data: Photographs; heldOut: Crop[] }> {
  const names = (await pictureNames(source.folder)).map((name) => ({ name }))
  const split = holdOut(names, training.data.validation)
  const files = await readPictures(source, split.training)
  const largest = Math.max(...training.sizes.map(({ crop }) => crop))
  const { pictures, tooSmall } = usable(files, largest)
  for (const name of tooSmall) source.note(`${name} is skipped: smaller than the crops`)
  const count = training.data.drawings > 0 ? DRAWINGS.count : 0
  const drawings = Array.from({ length: count }, (_, seed) => drawScreen(seed, Math.max(DRAWINGS.side, largest)))
  const held = await readPictures(source, oneOfEach(split.validation))
  const heldOut = held.map(({ picture }) => centreOf(picture)).filter((crop) => crop !== null)
  return { data: { photographs: pictures, drawings: drawings.map(shareable) }, heldOut }
}

async function readPictures(
  { folder, note, signal }: Source,
  files: readonly Readonly<{ name: string }>[],
): Promise<NamedPicture[]> {
  const pictures: NamedPicture[] = []
  for (const { name } of files) {
    signal.throwIfAborted()
    try {
      const { picture } = await readPicture(await readFile(join(folder, name)), { background: 'white' })
      pictures.push({ name, picture: shareable(picture) })
    } catch (error) {
      if (!(error instanceof DdncError)) throw error
      note(`${name} is skipped: ${error.message}`)
    }
  }
  return pictures
}

/** In memory that other threads see without a copy. */
function shareable(picture: NamedPicture['picture']): NamedPicture['picture'] {
  const data = new Uint8Array(new SharedArrayBuffer(picture.data.length))
  data.set(picture.data)
  return { ...picture, data }
}
