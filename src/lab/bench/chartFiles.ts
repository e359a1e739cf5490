/** A chart as files. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Pixels of the PNG for every one of the SVG. */
const PNG_SCALE = 2

/**
 * Writes NAME.svg and NAME.png.
 * @param svg as `chartSvg` gives it
 * @example await writeChart('out', 'study', chartSvg('Rate', charts))
 */
export async function writeChart(folder: string, name: string, svg: string): Promise<void> {
  await writeFile(join(folder, `${name}.svg`), svg)
  const { default: sharp } = await import('sharp')
  await sharp(Buffer.from(svg), { density: 72 * PNG_SCALE })
    .png()
    .toFile(join(folder, `${name}.png`))
}
