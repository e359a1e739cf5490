/** The photographs of a folder: what training cuts its crops from, and what is held out for validation. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdncError } from '../errors.js'
import { holdOut } from '../lab/data/holdOut.js'
import { usable, type Data, type NamedPicture } from '../lab/train/data.js'
import { drawScreen } from '../lab/train/drawing.js'
import type { Training } from '../lab/train/recipe.js'
import { centreOf, oneOfEach, type Crop } from '../lab/train/validate.js'
import { pictureNames, readPicture } from '../node/picture.js'

/** At least that side: crops are cut from drawings as well. */
const DRAWINGS = { count: 48, side: 512 }

/** Where the photographs are, what becomes of a note, and what stops the reading. */
type Source = Readonly<{ folder: string; note: (line: string) => void; signal: AbortSignal }>

/**
 * Pictures are decoded once; bad and small ones are named and skipped.
 * @returns what to train on, and the middles of photographs that are held out; none if the recipe holds none out
 * @throws {DdncError} BadOption: not one that can be used
 * @example const { data, heldOut } = await readData({ folder: 'photos', note: console.log, signal }, recipe.training)
 */
export async function readData(source: Source, training: Training): Promise<{ data: Data; heldOut: Crop[] }> {
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
