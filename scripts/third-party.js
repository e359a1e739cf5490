/**
 * Writes THIRD-PARTY.md: what comes with ddnc when it is installed, by the lockfile, and what the binary of libvips holds, by
 * sharp's own list of it. Or, with --check, says whether the part by the lockfile is up to date (exit code 1 if not).
 *
 *   node scripts/third-party.js [--check]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'THIRD-PARTY.md')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))

/** Of npm's lockfile: not for development alone, not a peer that a user may add. */
const packages = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && !entry.dev && !entry.peer)

function table() {
  const rows = packages.map(([path, { version, license, optional }]) => {
    const name = path.replace(/^.*node_modules\//, '')
    return `| ${name} | ${version} | ${license} | ${optional ? 'where the platform needs it' : 'always'} |`
  })
  return ['| package | version | licence | installed |', '|---|---|---|---|', ...rows].join('\n')
}

/** The table of the README of a package of libvips, whichever platform's is here. */
function libvips() {
  const folder = join(root, 'node_modules', '@img')
  const name = readdirSync(folder).find((one) => one.startsWith('sharp-libvips-'))
  if (name === undefined) throw new Error('no @img/sharp-libvips-… is installed here')
  const lines = readFileSync(join(folder, name, 'README.md'), 'utf8').split('\n')
  return lines
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/ {2,}/g, ' ').replace(/-{4,}/g, '---'))
    .join('\n')
}

const text = () => `# What others made

Made by \`node scripts/third-party.js\`. ddnc itself is under the Apache License 2.0 ([LICENSE](LICENSE)).

## Packages

What \`npm install ddnc\` brings, each from the registry as its authors published it, with its licence in its own folder; nothing
of them is copied into ddnc:

${table()}

What is named for a platform is there on that platform alone. Only training needs more: TensorFlow.js (Apache-2.0) and \`webgpu\`
(BSD-2-Clause), which whoever trains installs beside ddnc.

## Within libvips

sharp's packages \`@img/sharp-libvips-…\` are binaries of libvips with these libraries:

${libvips()}

Libraries under the LGPLv3 are so by the clause of any later version of LGPLv2 or 2.1. They are linked dynamically: another build
of libvips can take their place (sharp's documentation says how). Their sources: <https://github.com/lovell/sharp-libvips>.

## Within ddnc

* The idea of Discrete Distribution Networks is that of the paper, <https://arxiv.org/abs/2401.00036>; the code is written anew.
* The WebAssembly in \`dist/engine/wasm/\` is compiled by AssemblyScript (Apache-2.0) from sources of ddnc.
* PNG's row filters, deflate, CRC-32, LEB128, rANS, the lapped transform and MS-SSIM are written from their descriptions; pako
  does the deflating.
* What the models in \`models/\` were trained on, and under which terms those pictures are, says [models/README.md](models/README.md).
`

if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(target, 'utf8').includes(table())
  if (!isCurrent) console.error('THIRD-PARTY.md is not that of package-lock.json: node scripts/third-party.js')
  process.exitCode = isCurrent ? 0 : 1
} else {
  writeFileSync(target, text())
}
