/** Encoded pictures in and out. */
import { readdir } from 'node:fs/promises'

export { PICTURE_FORMATS, type PictureFormat } from './formats.js'
export { readPicture, type ReadOptions } from './readPicture.js'
export { writePicture, type WriteOptions } from './writePicture.js'

/**
 * Names of the pictures in a folder, by their extensions, in order.
 * @throws the system's error if the folder cannot be read
 * @example await pictureNames('corpus') // ['checkerboard.png', …]
 */
export const pictureNames = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => /\.(png|jpe?g|webp|tiff?)$/i.test(name)).sort()
