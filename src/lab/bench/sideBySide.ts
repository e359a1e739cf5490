/** Pictures of several codecs at one size, beside the original. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Picture } from '../../index.js'
import { BLACK, canvas, picture, write, WHITE } from '../draw/canvas.js'
import { GLYPH_HEIGHT } from '../draw/font.js'
import { paste } from '../draw/sheet.js'
import { cropOf } from '../quantise/crops.js'
import type { Codec } from './codecs/codec.js'
import { settingNear } from './equalBytes.js'
import type { NamedPicture } from './pictures.js'
import { bitsPerPixelOf, type Measurer, type RateRow } from './rates.js'

/** A codec's file of the size wanted, and what it decodes to. */
export type Pane = Readonly<{ name: string; row: RateRow; picture: Picture }>

export type Shown = Readonly<{ original: NamedPicture; panes: readonly Pane[] }>

/**
 * The first codec's file nearest to a rate, and the others' nearest to the size that it has.
 * @param rows of this picture that are known: where the search begins
 * @param rate bits per pixel
 */
export async function shownAt(
  original: NamedPicture,
  measure: Measurer,
  codecs: readonly Codec[],
  rows: readonly RateRow[],
  rate: number,
): Promise<Shown> {
  const { width, height } = original.picture
  let wanted = (rate * width * height) / 8
  const panes: Pane[] = []
  for (const codec of codecs) {
    const known = new Map(rows.filter((row) => row.codec === codec.id).map(({ setting, bytes }) => [setting, bytes]))
    const setting = await settingNear(codec.dial, known, wanted, async (tried) => (await measure(codec, tried)).bytes)
    const row = await measure(codec, setting)
    panes.push({ name: codec.name, row, picture: (await codec.code(original.picture, setting)).picture })
    wanted = panes[0].row.bytes
  }
  return { original, panes }
}

/** Pixels between panes, of the writing above them, and that it needs from left to right. */
const GAP = 8
const LABEL = 2 * (GLYPH_HEIGHT + 4)
const LEAST_COLUMN = 240

/**
 * A page: a row a picture, the original first, each with its rate and figures above.
 * @param crop side of the square of each picture that is shown; undefined: whole pictures
 * @example await writePicture(pageOf([shown]), 'png')
 */
export function pageOf(all: readonly Shown[], crop?: number): Picture {
  const cut = (whole: Picture, counter: number): Picture => (crop === undefined ? whole : cropOf(whole, crop, counter))
  const rows = all.map(({ original, panes }, counter) => [
    { label: original.name, picture: cut(original.picture, counter) },
    ...panes.map((pane) => ({ label: labelOf(pane), picture: cut(pane.picture, counter) })),
  ])
  const heights = rows.map((row) => row[0].picture.height + LABEL + GAP)
  const columnOf = (shown: Picture): number => Math.max(shown.width, LEAST_COLUMN) + GAP
  const width = Math.max(...rows.map((row) => row.length * columnOf(row[0].picture)))
  const page = canvas(
    width,
    heights.reduce((sum, height) => sum + height, 0),
    WHITE,
  )
  let top = 0
  for (const [at, row] of rows.entries()) {
    for (const [i, { label, picture: shown }] of row.entries()) {
      const left = i * columnOf(shown)
      for (const [line, text] of label.split('\n').entries())
        write(page, text, left, top + 2 + line * (GLYPH_HEIGHT + 3), 1, BLACK)
      paste(page, shown, left, top + LABEL)
    }
    top += heights[at]
  }
  return picture(page)
}

const labelOf = ({ name, row }: Pane): string =>
  `${name}\n${bitsPerPixelOf(row).toFixed(3)} bpp, ${figure(row.figures.psnr)} dB, SSIMULACRA ${figure(row.figures.ssimulacra2)}`

const figure = (value: number | null): string => value?.toFixed(1) ?? '-'

/** What MANIFEST.json of a folder says of its files. */
type Manifest = Readonly<{ files: readonly Readonly<{ file: string; licence?: string }>[] }>

/**
 * Which pictures of a folder may be shown: where it has a MANIFEST.json, those that it states a licence of.
 * @returns whether a picture of this name may
 */
export async function licensed(folder: string): Promise<(name: string) => boolean> {
  const text = await readFile(join(folder, 'MANIFEST.json'), 'utf8').catch(() => null)
  if (text === null) return () => true
  const { files } = JSON.parse(text) as Manifest
  const stated = new Set(
    files.filter(({ licence = 'not stated' }) => !licence.startsWith('not stated')).map(({ file }) => file),
  )
  return (name) => stated.has(name)
}
