/**
 * Public interface of ddnc, in browsers and in Node: pixels in, bytes out, and back. Files and encoded pictures:
 * `ddnc/node`.
 */
import { compressWithReport, type CompressOptions } from './codec/compress.js'
import { readModel } from './network/modelFile.js'
import type { Model } from './network/model.js'
import type { Picture } from './network/picture.js'

export { compressWithReport, type Compressed, type CompressOptions } from './codec/compress.js'
export { decompress, type DecompressOptions, type ModelSource } from './codec/decompress.js'
export { generate, type GenerateOptions } from './codec/generate.js'
export {
  inspect,
  inspectPath,
  type GridInfo,
  type Info,
  type LayerInfo,
  type PathInfo,
  type WholeInfo,
} from './codec/inspect.js'
export { DEFAULT_QUALITY } from './codec/lambda.js'
export { bitsOfPath, pathOfBits } from './codec/path.js'
export type { Workers, WorkerThread } from './codec/threads.js'
export type { Region } from './codec/view.js'
export { fileOfPath } from './codec/wholeImage.js'
export { DdncError, type Fault } from './errors.js'
export { MAX_PIXELS, MAX_SIDE } from './format/header.js'
export type { CellGridModel, Model } from './network/model.js'
export type { WholeImageModel } from './network/wholeModel.js'
export type { Search } from './network/guides.js'
export type { Tune } from './network/tune.js'
export type { Metadata, Picture } from './network/picture.js'

/**
 * Compresses a picture to a `.ddn` file.
 * @param picture interleaved 8-bit sRGB or grey, with alpha and metadata if it has them
 * @returns the bytes of the file
 * @throws {DdncError} BadOption, LimitExceeded; the signal's reason if aborted
 * @example
 * const model = await loadModel(await readFile('models/photo.ddnm'))
 * const file = await compress({ width, height, components: 3, data }, { model, quality: 50 })
 */
export async function compress(picture: Picture, options: CompressOptions): Promise<Uint8Array> {
  return (await compressWithReport(picture, options)).file
}

/**
 * Reads a model (`.ddnm`), proves that its arithmetic stays within 32 bits, and takes its hash.
 * @throws {DdncError} BadSignature, UnsupportedVersion, Truncated, Corrupt, LimitExceeded
 * @example const model = await loadModel(bytes)
 */
export const loadModel = (bytes: Uint8Array): Promise<Model> => readModel(bytes)
