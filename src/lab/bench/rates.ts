/** Every codec at each of its settings on every picture: bytes and figures, kept one by one. */
import { createHash } from 'node:crypto'
import type { Codec } from './codecs/codec.js'
import { asJson, kept } from './kept.js'
import type { NamedPicture } from './pictures.js'
import { FIGURES_VERSION, figuresOf, type Figures } from './quality/figures.js'

/** One file. */
export type RateRow = Readonly<{
  picture: string
  /** Of the codec. */
  codec: string
  setting: number
  bytes: number
  pixels: number
  figures: Figures
}>

export type RateOptions = Readonly<{
  /** Folder of what was measured before. */
  keep: string
  signal?: AbortSignal | undefined
  /** Called before each file. */
  onFile?: ((codec: Codec, setting: number) => void) | undefined
}>

type Kept = Pick<RateRow, 'bytes' | 'figures'>

/** Measures files of one picture, or finds them among those kept. */
export type Measurer = (codec: Codec, setting: number) => Promise<RateRow>

/**
 * The key of what is kept is all that it depends on: pixels, codec, its use, version and setting, and that of the measures.
 * @example await measurerOf(picture, { keep: 'out/kept' })(codec, 75)
 */
export function measurerOf({ name, picture }: NamedPicture, { keep, signal, onFile }: RateOptions): Measurer {
  const { width, height, components, data } = picture
  const pixels = createHash('sha256')
    .update(JSON.stringify([width, height, components]))
    .update(data)
    .digest('hex')
  // The original's part of the measures is computed only if something is to be measured.
  let figures: ReturnType<typeof figuresOf> | null = null
  return async (codec, setting) => {
    signal?.throwIfAborted()
    const key = createHash('sha256')
      .update(JSON.stringify([pixels, codec.id, codec.use, codec.version, setting, FIGURES_VERSION]))
      .digest('hex')
    const { bytes, figures: found } = await kept(keep, `${key.slice(0, 32)}.json`, asJson<Kept>(), async () => {
      onFile?.(codec, setting)
      figures ??= figuresOf(picture)
      const coded = await codec.code(picture, setting)
      return { bytes: coded.bytes, figures: figures(coded.picture) }
    })
    return { picture: name, codec: codec.id, setting, bytes, pixels: width * height, figures: found }
  }
}

/** All settings of all codecs on one picture. */
export async function ratesOf(measure: Measurer, codecs: readonly Codec[]): Promise<RateRow[]> {
  const rows: RateRow[] = []
  for (const codec of codecs) for (const setting of codec.settings) rows.push(await measure(codec, setting))
  return rows
}

export const bitsPerPixelOf = ({ bytes, pixels }: Pick<RateRow, 'bytes' | 'pixels'>): number => (8 * bytes) / pixels
