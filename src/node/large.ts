/** Large pictures from and to files: never are all of their samples in memory. */
import { mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compressSource } from '../codec/compress.js'
import type { OpenPicture } from '../codec/decompress.js'
import type { CompressOptions, Metadata, Picture } from '../index.js'
import type { CellGridModel } from '../network/model.js'
import type { PictureFormat } from './formats.js'
import { withMetadata } from './metadata/write.js'
import { removeLeftovers } from './leftovers.js'
import { isLargePicture, LARGE_PIXELS, readLargePicture, type ReadOptions } from './readPicture.js'
import { createTiff } from './tiffFile.js'
import { checkFormat, writeLargePicture } from './writePicture.js'

/** What `compressLarge` tells of a picture. */
export type LargeCompressed = Readonly<{
  file: Uint8Array
  psnr: number
  picture: Pick<Picture, 'width' | 'height' | 'components'>
  notes: string[]
}>

/**
 * Encodes an encoded picture as `compressImageWithReport` does, if it is a large one.
 * @returns null if it is small, or has transparent parts
 * @throws {DdncError} as `readPicture` and `compress`; the system's error if the folder for temporary files is full
 */
export async function compressLarge(
  bytes: Uint8Array,
  read: ReadOptions,
  options: CompressOptions & { model: CellGridModel },
): Promise<LargeCompressed | null> {
  if (!(await isLargePicture(bytes, read))) return null
  return inFolder(async (folder) => {
    const large = await readLargePicture(bytes, join(folder, 'samples.v'), read)
    if (large === null) return null
    const { source, metadata, notes } = large
    try {
      const { file, psnr } = await compressSource(source, metadata, options)
      const { width, height, components } = source
      return { file, psnr, picture: { width, height, components }, notes }
    } finally {
      source.close()
    }
  })
}

/** Whether a picture goes by files: no transparent parts, more pixels than are held in memory. */
export const isLarge = ({ shape, besides }: Pick<OpenPicture, 'shape' | 'besides'>): boolean =>
  shape.width * shape.height > LARGE_PIXELS && besides.alpha === undefined

/** A file that was made, alone in a folder that whoever takes it removes. Plain data: it may come from a process of its own. */
export type TemporaryFile = Readonly<{ path: string; size: number; folder: string }>

/**
 * Decodes an opened `.ddn` to a file of a common format, as `decompressImage` does.
 * @param metadata that is written
 * @throws {DdncError} as `decompress` and `writePicture`; the system's error
 * @example const { path, folder } = await writeLarge(await openPicture(file, options, null), 'png', undefined)
 */
export async function writeLarge(
  { shape, paint }: Pick<OpenPicture, 'shape' | 'paint'>,
  format: PictureFormat,
  metadata: Metadata | undefined,
): Promise<TemporaryFile> {
  checkFormat(shape, format)
  const folder = await newFolder()
  try {
    const [samples, made] = [join(folder, 'samples.tif'), join(folder, `made.${format}`)]
    const isGrey = shape.components === 1 && metadata?.icc === undefined
    const tiff = createTiff(samples, { ...shape, channels: isGrey ? 1 : 3 })
    try {
      await paint((rows) => tiff.write(isGrey || shape.components === 3 ? rows : inThree(rows)))
    } finally {
      tiff.close()
    }
    await writeLargePicture(samples, made, format, isGrey)
    await rm(samples)
    if (metadata) await addMetadata(made, format, metadata)
    return { path: made, size: (await stat(made)).size, folder }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** A profile of RGB belongs to a picture of RGB, be it grey throughout. */
const inThree = (grey: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: 3 * grey.length }, (_, at) => grey[Math.floor(at / 3)])

/** Metadata stand at the beginning of a PNG or JPEG; of the other formats all is read. */
async function addMetadata(path: string, format: PictureFormat, metadata: Metadata): Promise<void> {
  if (format === 'webp' || format === 'tiff') {
    return writeFile(path, withMetadata(await readFile(path), format, metadata))
  }
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START), 0, START, 0)
    const head = withMetadata(buffer.subarray(0, bytesRead), format, metadata)
    async function* joined(): AsyncGenerator<Uint8Array> {
      yield head
      yield* handle.createReadStream({ start: bytesRead, autoClose: false })
    }
    await writeFile(`${path}.new`, joined())
  } finally {
    await handle.close()
  }
  await rename(`${path}.new`, path)
}

/** Bytes that the beginning of a PNG or JPEG lies in. */
const START = 2 ** 16

/** An hour: a file that a process has made is taken over by another, soon. */
const LEFT_BEHIND = 3600

/** Temporary files have a folder of their own; with TMPDIR the user says where. Those of killed processes go. */
async function newFolder(): Promise<string> {
  await removeLeftovers(tmpdir(), /^ddnc-(\d+)-\w{6}$/, LEFT_BEHIND).catch(() => {})
  return mkdtemp(join(tmpdir(), `ddnc-${process.pid}-`))
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await newFolder()
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
