/** The codecs that sharp has, each in the ways in which it is measured. */
import type { Sharp, SharpOptions } from 'sharp'

export type SharpFormat = 'jpeg' | 'webp' | 'avif'

export type SharpUse = Readonly<{
  id: string
  name: string
  use: string
  format: SharpFormat
  /** Of sharp's method of the format, besides quality. */
  options: Readonly<Record<string, unknown>>
  /** Qualities from the smallest file to the largest. */
  settings: readonly number[]
}>

const JPEG = [5, 12, 25, 40, 60, 75, 86, 94] as const
const WEBP = [1, 12, 30, 50, 70, 85, 94, 100] as const
const AVIF = [15, 30, 45, 60, 75, 90] as const

/**
 * Measured on photographs: of mozjpeg's tables the flat one is the best for PSNR above 0.3 bits per pixel, and WebP loses
 * by the presets that switch its noise shaping off. AVIF at effort 4, sharp's default: above it a picture takes minutes.
 */
export const SHARP_USES: readonly SharpUse[] = [
  {
    id: 'mozjpeg-420',
    name: 'mozjpeg 4:2:0',
    use: "defaults of sharp's mozjpeg",
    format: 'jpeg',
    options: { mozjpeg: true },
    settings: JPEG,
  },
  {
    id: 'mozjpeg-444',
    name: 'mozjpeg 4:4:4',
    use: 'defaults but chroma 4:4:4',
    format: 'jpeg',
    options: { mozjpeg: true, chromaSubsampling: '4:4:4' },
    settings: JPEG,
  },
  {
    id: 'mozjpeg-444-psnr',
    name: 'mozjpeg 4:4:4 for PSNR',
    use: 'chroma 4:4:4, flat quantisation table (1)',
    format: 'jpeg',
    options: { mozjpeg: true, chromaSubsampling: '4:4:4', quantisationTable: 1 },
    settings: [5, 10, 17, 27, 42, 58, 72, 86],
  },
  {
    id: 'webp',
    name: 'WebP',
    use: 'defaults: 4:2:0, effort 4',
    format: 'webp',
    options: {},
    settings: WEBP,
  },
  {
    id: 'webp-psnr',
    name: 'WebP for PSNR',
    use: '4:2:0, effort 6, sharp YUV conversion (smartSubsample)',
    format: 'webp',
    options: { effort: 6, smartSubsample: true },
    settings: WEBP,
  },
  {
    id: 'avif-444-psnr',
    name: 'AVIF 4:4:4 for PSNR',
    use: '4:4:4, effort 4, tune psnr',
    format: 'avif',
    options: { effort: 4, chromaSubsampling: '4:4:4', tune: 'psnr' },
    settings: AVIF,
  },
  {
    id: 'avif-444',
    name: 'AVIF 4:4:4',
    use: 'defaults: 4:4:4, effort 4, tune auto',
    format: 'avif',
    options: { effort: 4, chromaSubsampling: '4:4:4' },
    settings: AVIF,
  },
]

/** The file's pixels as sharp makes them; a grey picture stays one plane. */
export const encoded = (pixels: Sharp, { format, options }: SharpUse, quality: number): Sharp =>
  pixels[format]({ ...options, quality })

export const rawOf = (width: number, height: number, channels: 1 | 3): SharpOptions => ({
  raw: { width, height, channels },
})
