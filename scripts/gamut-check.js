/**
 * What a round trip does to the pixels of pictures with a wide gamut, after `npm run build`: the files as they are, and a
 * photograph whose numbers are taken for those of their profiles. `docs/trust.md` has a result.
 *
 *   node scripts/gamut-check.js [--quality 100] [--photo FILE] WIDE…
 *
 * WIDE: pictures with an RGB profile. Each is encoded to `.ddn` and decoded to PNG, with --keep-gamut and without; both
 * pictures, and one that is only converted to sRGB, are compared with the original: as numbers of its own space, and of
 * sRGB. Differences are of samples of 8 bits.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { columns } from '../dist/columns.js'
import { compressImage, decompressImage } from '../dist/node.js'
import { writePicture } from '../dist/node/writePicture.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { quality: { type: 'string', default: '100' }, photo: { type: 'string' } },
})
const folder = await mkdtemp(join(tmpdir(), 'ddnc-gamut-'))

const numbersOf = (file) => sharp(file, { ignoreIcc: true }).removeAlpha().raw().toBuffer()
const asSrgb = (file) => sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer()
/** sharp takes a profile as a file, converts to it and says so. */
const inProfile = async (file, profile) => numbersOf(await sharp(file).withIccProfile(profile).png().toBuffer())

/** Mean and largest difference, as text. */
function difference(a, b) {
  let [sum, most] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - b[i])
    sum += distance
    if (distance > most) most = distance
  }
  return `${(sum / a.length).toFixed(2)} (${most})`
}

/** Rows of one picture. */
async function compare(name, file) {
  const { icc } = await sharp(file).metadata()
  const profile = join(folder, 'profile.icc')
  await writeFile(profile, icc)
  const roundTrip = async (keepGamut) =>
    decompressImage(await compressImage(file, { quality: Number(values.quality), keepGamut }), 'png')
  const ways = {
    'converted to sRGB, not coded': await sharp(file).toColourspace('srgb').png().toBuffer(),
    'coded as sRGB': await roundTrip(false),
    'coded with --keep-gamut': await roundTrip(true),
  }
  const [numbers, srgb] = [await numbersOf(file), await asSrgb(file)]
  const rows = []
  for (const [way, made] of Object.entries(ways)) {
    const own = way.endsWith('--keep-gamut') ? await numbersOf(made) : await inProfile(made, profile)
    rows.push([name, way, difference(numbers, own), difference(srgb, await asSrgb(made))])
  }
  return rows
}

try {
  const rows = [['picture', 'way', 'own numbers: mean (most)', 'sRGB: mean (most)']]
  for (const path of positionals) {
    const file = await readFile(path)
    rows.push(...(await compare(basename(path), file)))
    if (values.photo === undefined) continue
    const { icc } = await sharp(file).metadata()
    // Numbers of sRGB, taken for those of the profile: the colours are wider than they were.
    const { data, info } = await sharp(values.photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    const { width, height } = info
    const photo = await writePicture({ width, height, components: 3, data, metadata: { icc } }, 'png')
    rows.push(...(await compare(`${basename(values.photo)} as ${basename(path)}`, Buffer.from(photo))))
  }
  for (const line of columns(rows)) console.log(line)
} finally {
  await rm(folder, { recursive: true, force: true })
}
