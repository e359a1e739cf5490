/** Decoding in two steps, for the commands: what a file is, then its pixels. */
export { openPicture, pictureOf, type OpenPicture } from '../codec/decompress.js'
