/** The formats of encoded pictures that ddnc writes. */
import { MAX_SIDE } from '../format/header.js'

/** What `writePicture` writes, by name, with the file extensions that stand for it; the first is the usual one. */
export const PICTURE_FORMATS = {
  png: { extensions: ['.png'], maxSide: MAX_SIDE },
  jpeg: { extensions: ['.jpg', '.jpeg'], maxSide: 65_535 },
  webp: { extensions: ['.webp'], maxSide: 16_383 },
  tiff: { extensions: ['.tif', '.tiff'], maxSide: MAX_SIDE },
} as const

export type PictureFormat = keyof typeof PICTURE_FORMATS
