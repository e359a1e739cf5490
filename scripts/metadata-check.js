/**
 * What becomes of metadata: each picture goes through `ddnc encode` and `ddnc decode`, and exiftool lists its fields
 * before and after. Prints a table in Markdown, then every field that is lost or changed.
 *
 *     node scripts/metadata-check.js [--format png|jpeg|webp|tiff] [--strip-location] FILE…
 *
 * Fields of EXIF (its lists, makers' notes), GPS and XMP count; those that describe how a file stores its pixels do not.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { compressImage, decompressImage, shippedModel } from '../dist/node.js'

const { values, positionals } = parseArgs({
  options: { format: { type: 'string', default: 'png' }, 'strip-location': { type: 'boolean', default: false } },
  allowPositionals: true,
})

/** exiftool's families of fields that say how pixels are stored, or what exiftool works out itself. */
const NO_METADATA =
  /^(ExifTool|System|File|Composite|JFIF|PNG|PNG-.*|RIFF|ICC.*|Adobe|IPTC|Photoshop|CanonVRD|AFCP|GIF|QuickTime|Meta|Ducky|MPF\d*|APP\d+|FotoStation|PhotoMechanic|XML|FlashPix|PrintIM):/
/** In a TIFF these are of the pixels; cameras put the same of their JPEG into the EXIF. */
const OF_THE_PIXELS =
  /^(IFD\d|SubIFD\d*):(Image(Width|Height)|BitsPerSample|Compression|PhotometricInterpretation|Strip\w+|SamplesPerPixel|RowsPerStrip|PlanarConfiguration|Predictor|ExtraSamples|SampleFormat|SubfileType|OldSubfileType|FillOrder|Tile\w+|YCbCr\w+|ReferenceBlackWhite|ColorMap|TransferFunction|WhitePoint|PrimaryChromaticities)$/
/** Offsets differ with the file; so do the fields that the picture's own turn corrects. */
const OFFSET = /:(\w*Offset|ThumbnailOffset|OtherImageStart|PreviewImageStart|MakerNoteOffset)$/

/** Fields by group and name, as text without conversion. */
function fieldsOf(path) {
  const json = execFileSync('exiftool', ['-j', '-G1', '-n', '-a', '-u', '-ee', path], { maxBuffer: 2 ** 28 })
  const pairs = Object.entries(JSON.parse(json)[0]).map(([name, value]) => [name, JSON.stringify(value)])
  return new Map(
    pairs.filter(([name]) => name.includes(':') && ![NO_METADATA, OF_THE_PIXELS, OFFSET].some((of) => of.test(name))),
  )
}

const model = await shippedModel('micro')
const folder = await mkdtemp(join(tmpdir(), 'ddnc-metadata-'))
const rows = []
const details = []
try {
  for (const path of positionals) {
    const strip = values['strip-location'] ? { strip: 'location' } : {}
    const file = await compressImage(readFileSync(path), { model, quality: 1, ...strip })
    const out = join(folder, `out.${values.format}`)
    await writeFile(out, await decompressImage(file, values.format, { background: 'white' }))
    const [before, after] = [fieldsOf(path), fieldsOf(out)]
    const lost = [...before.keys()].filter((name) => !after.has(name))
    const changed = [...before.keys()].filter((name) => after.has(name) && after.get(name) !== before.get(name))
    rows.push([basename(path), before.size, after.size, lost.length, changed.length])
    for (const name of lost) details.push(`${basename(path)}: lost ${name}`)
    for (const name of changed) details.push(`${basename(path)}: ${name} ${before.get(name)} → ${after.get(name)}`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
const lines = [['file', 'fields before', 'after', 'lost', 'changed'], ['---', '---', '---', '---', '---'], ...rows]
console.log(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'))
console.log(`\n${details.map((line) => line.slice(0, 160)).join('\n')}`)
