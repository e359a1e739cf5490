/**
 * Draws the made pictures of corpus/ as PNG: `node scripts/make-corpus.js [FOLDER]`. Needs the build.
 * The photographs in that folder come from elsewhere: corpus/README.md.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawings } from '../dist/lab/bench/drawings.js'
import { writePicture } from '../dist/node.js'

const folder = process.argv[2] ?? fileURLToPath(new URL('../corpus', import.meta.url))
for (const [name, draw] of Object.entries(drawings)) {
  const picture = draw()
  const file = await writePicture(picture, 'png')
  await writeFile(join(folder, `${name}.png`), file)
  console.log(`${name}.png: ${picture.width}×${picture.height}, ${file.length} bytes`)
}
