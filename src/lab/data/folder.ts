/** A folder of MNIST, of CIFAR-10 or of pictures, as sets for training and for measurements. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DdncError } from '../../errors.js'
import type { Picture } from '../../network/picture.js'
import { pictureNames, readPicture } from '../../node/picture.js'
import { readCifar } from './cifar.js'
import { holdOut } from './holdOut.js'
import { picturesOfIdx, readIdx } from './idx.js'
import { joined, setOf, sizeText, type Parts, type PictureSet } from './pictureSet.js'

/** Bytes that a file may have once it is unpacked: CIFAR-10 has 31 million, MNIST 47. */
const MAX_BYTES = 2 ** 30

/** What pictures of a folder have to be, or are made. */
export type Wanted = Readonly<{
  width: number
  height: number
  components: 1 | 3
  /** Pictures of other sizes are scaled and cut in the middle; else they are skipped. */
  resize: boolean
  /** Share of the pictures that is held out as the test part, where the folder does not say which are. */
  holdOut: number
}>

export type FolderOptions = Readonly<{
  signal?: AbortSignal
  /** Told what is skipped, and why. */
  note?: (line: string) => void
  /** For a folder of pictures; without it such a folder is refused. */
  wanted?: Wanted
}>

type Part = 'training' | 'test'

/**
 * Reads all pictures of a folder. By their names, gzipped (.gz) or not: `*-images-idx3-ubyte` with
 * `*-labels-idx1-ubyte`, or `*.bin` of CIFAR-10; else pictures that sharp reads. Names with `test` or `t10k` are the
 * test part.
 * @returns training part and test part
 * @throws {DdncError} BadOption: nothing that can be used, or sizes that differ; what the readers throw
 * @throws the system's error if something cannot be read; the signal's reason when it aborts
 * @example const { training, test } = await readFolder('/data/mnist')
 *   training.count // 60000
 */
export async function readFolder(folder: string, options: FolderOptions = {}): Promise<Parts> {
  const names = (await readdir(folder)).sort()
  const idx = names.filter((name) => /images.*idx3-ubyte(\.gz)?$/.test(name))
  const cifar = names.filter((name) => /\.bin(\.gz)?$/.test(name))
  const read = async (name: string): Promise<Uint8Array> => {
    options.signal?.throwIfAborted()
    return unpacked(await readFile(join(folder, name), { signal: options.signal }), name)
  }
  if (idx.length > 0) {
    return partsOf(folder, idx, async (name) => {
      const labels = labelsFor(name, names)
      return picturesOfIdx(
        readIdx(await read(name), name),
        labels === null ? null : readIdx(await read(labels), labels),
      )
    })
  }
  if (cifar.length > 0) return partsOf(folder, cifar, async (name) => readCifar(await read(name), name))
  return readPictureFolder(folder, options)
}

/** The file of labels that belongs to one of pictures, gzipped or not; null: there is none. */
function labelsFor(images: string, names: readonly string[]): string | null {
  const stem = images.replace(/\.gz$/, '').replace('images', 'labels').replace('idx3', 'idx1')
  return names.find((name) => name.replace(/\.gz$/, '') === stem) ?? null
}

async function partsOf(
  folder: string,
  names: readonly string[],
  read: (name: string) => Promise<PictureSet>,
): Promise<Parts> {
  const of = async (part: Part): Promise<PictureSet | null> => {
    const sets: PictureSet[] = []
    for (const name of names) if (partOf(name) === part) sets.push(await read(name))
    return sets.length === 0 ? null : joined(sets)
  }
  const [training, test] = [await of('training'), await of('test')]
  if (!training) throw badFolder(`${folder}, which has a test part alone`)
  if (test && sizeText(test) !== sizeText(training)) throw badFolder('of two parts of several sizes')
  return { training, test }
}

const partOf = (name: string): Part => (/test|t10k/i.test(name) ? 'test' : 'training')

/** A folder of pictures, of which some are held out. Those that cannot be used are named and skipped. */
async function readPictureFolder(folder: string, { signal, note = () => {}, wanted }: FolderOptions): Promise<Parts> {
  const names = (await pictureNames(folder)).map((name) => ({ name }))
  if (!wanted || names.length === 0) throw badFolder(folder)
  const isMarked = names.some(({ name }) => partOf(name) === 'test')
  const split = isMarked
    ? {
        training: names.filter(({ name }) => partOf(name) === 'training'),
        validation: names.filter(({ name }) => partOf(name) === 'test'),
      }
    : holdOut(names, wanted.holdOut)
  const of = async (files: readonly { name: string }[]): Promise<PictureSet | null> => {
    const pictures: Picture[] = []
    for (const { name } of files) {
      signal?.throwIfAborted()
      try {
        pictures.push(await fitted(await readFile(join(folder, name)), wanted))
      } catch (error) {
        if (!(error instanceof DdncError)) throw error
        note(`${name} is skipped: ${error.message}`)
      }
    }
    return pictures.length === 0 ? null : setOf(pictures, null)
  }
  const training = await of(split.training)
  if (!training) throw badFolder(`${folder}, where no picture is ${sizeText(wanted)}`)
  return { training, test: await of(split.validation) }
}

/**
 * A picture file at the size and with the components wanted: grey is spread, colour becomes luma (ITU-R BT.601).
 * @throws {DdncError} BadOption: another size, and `resize` is off; what readPicture throws
 */
async function fitted(bytes: Uint8Array, wanted: Wanted): Promise<Picture> {
  const { picture } = await readPicture(bytes, { background: 'white' })
  const { width, height } = wanted
  if (!wanted.resize && (picture.width !== width || picture.height !== height)) {
    const found = `${picture.width}×${picture.height}`
    throw new DdncError({ tag: 'BadOption', option: 'its size', found, allowed: `${width}×${height}` })
  }
  const { default: sharp } = await import('sharp')
  const raw = { width: picture.width, height: picture.height, channels: picture.components }
  const scaled = sharp(picture.data, { raw }).resize(width, height, { fit: 'cover' })
  const { data, info } = await scaled
    .toColourspace(wanted.components === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { components } = wanted
  // Of a grey picture sharp gives one channel, whatever is asked for.
  const at = (i: number): number =>
    Math.floor(i / components) * info.channels + (info.channels === 1 ? 0 : i % components)
  return {
    width,
    height,
    components,
    data: Uint8Array.from({ length: width * height * components }, (_, i) => data[at(i)]),
  }
}

async function unpacked(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES })
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new DdncError({ tag: 'Corrupt', where: name, found, allowed: 'a sound gzip file' }, { cause })
  }
}

const badFolder = (found: string): DdncError =>
  new DdncError({
    tag: 'BadOption',
    option: 'the folder of pictures',
    found,
    allowed: 'one with MNIST (idx), CIFAR-10 (.bin), or pictures of the size that the recipe asks for',
  })
