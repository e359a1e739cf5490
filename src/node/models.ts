/** The models that come with the package: every `.ddnm` in its `models/` folder. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { DdncError, hexOf } from '../errors.js'
import { loadModel, type Model } from '../index.js'

/** Beside src/ and dist/ alike. */
const FOLDER = new URL('../../models/', import.meta.url)
const EXTENSION = '.ddnm'

/** A model by file name; loading is costly, so each is loaded once per process. */
const loaded = new Map<string, Promise<Model>>()

/** @param bytes of the file, where they are at hand */
function load(fileName: string, bytes?: Uint8Array): Promise<Model> {
  const known = loaded.get(fileName)
  if (known !== undefined) return known
  const model = (bytes ? Promise.resolve(bytes) : readFile(new URL(fileName, FOLDER))).then(loadModel)
  loaded.set(fileName, model)
  return model
}

async function fileNames(): Promise<string[]> {
  const names = await readdir(FOLDER).catch(() => []) // a package without its models ships none
  return names.filter((name) => name.endsWith(EXTENSION)).sort()
}

/**
 * A model that comes with the package, by the name of its file: `photo` for photographs, `micro` for tests.
 * @throws {DdncError} BadOption: no such model
 * @example const model = await shippedModel('photo')
 */
export async function shippedModel(name: string): Promise<Model> {
  const shipped = await fileNames()
  if (!shipped.includes(name + EXTENSION)) {
    const allowed = shipped.map((file) => file.slice(0, -EXTENSION.length)).join(', ') || 'none'
    throw new DdncError({ tag: 'BadOption', option: '--model', found: name, allowed: `${allowed} or a .ddnm file` })
  }
  return load(name + EXTENSION)
}

/** Hashing all models takes longer than decoding a small file: `photo-1` is shipped as photo, `taiji-1` as photo-taiji. */
function likeliestFirst(fileNames: readonly string[], modelName: string): string[] {
  const end = modelName.replace(/-\d+$/, '') + EXTENSION
  return [...fileNames.filter((name) => name.endsWith(end)), ...fileNames.filter((name) => !name.endsWith(end))]
}

/**
 * The model that a file names, out of those that come with the package.
 * @param wanted name and hash as the file's header has them; only the hash decides
 * @throws {DdncError} UnknownModel: none of them has that hash
 * @example const picture = await decompress(file, { model: findModel })
 */
export async function findModel(wanted: Readonly<{ name: string; hash: string }>): Promise<Model> {
  for (const fileName of likeliestFirst(await fileNames(), wanted.name)) {
    const known = loaded.get(fileName)
    if (known !== undefined) {
      if (hexOf((await known).hash).startsWith(wanted.hash)) return known
      continue
    }
    const bytes = await readFile(new URL(fileName, FOLDER))
    if (sha256(bytes).startsWith(wanted.hash)) return load(fileName, bytes)
  }
  throw new DdncError({ tag: 'UnknownModel', name: wanted.name, hash: wanted.hash })
}

export type ModelFile = Readonly<{
  /** As `shippedModel` takes it. */
  name: string
  /** Bytes. */
  size: number
  /** SHA-256 of the whole file, hex. */
  hash: string
}>

/** By file name, like `loaded`: of many pictures each asks for its model by the hash. */
const files = new Map<string, Promise<ModelFile>>()

function fileOf(fileName: string): Promise<ModelFile> {
  const file = files.get(fileName) ?? hashedFile(fileName)
  files.set(fileName, file)
  return file
}

async function hashedFile(fileName: string): Promise<ModelFile> {
  const bytes = await readFile(new URL(fileName, FOLDER))
  return { name: fileName.slice(0, -EXTENSION.length), size: bytes.length, hash: sha256(bytes) }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * The models that come with the package, unread: what is there, not whether it is sound.
 * @example (await shippedFiles()).map(({ name }) => name) // ['micro', 'micro-pl', 'photo']
 */
export async function shippedFiles(): Promise<ModelFile[]> {
  return Promise.all((await fileNames()).map(fileOf))
}
