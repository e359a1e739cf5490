/**
 * A browser and Node make the same bytes: a page of Chromium encodes and decodes a picture with ddnc's own modules, in its
 * own thread and in workers, once in a page that is isolated from other origins and once in one that is not. Every file and
 * every decoded picture is compared with Node's. Needs dist/ (npm run build) and a Chromium (Debian: chromium).
 *
 * node scripts/browser-check.js [--browser chromium] [--model photo] [--picture FILE] [--threads 1,2,3] [--tile 256]
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compress, decompress, loadModel, readPicture } from '../dist/node.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    browser: { type: 'string', default: 'chromium' },
    model: { type: 'string', default: 'photo' },
    picture: { type: 'string', default: join(ROOT, 'corpus/raccoon.png') },
    threads: { type: 'string', default: '1,2,3' },
    tile: { type: 'string', default: '256' },
  },
})
const threads = values.threads.split(',').map(Number)
const tileSide = Number(values.tile)
/** How long a page may take, ms. */
const PATIENCE = 300_000

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

const modelBytes = await readFile(join(ROOT, `models/${values.model}.ddnm`))
const { picture } = await readPicture(await readFile(values.picture))
const { width, height, components, data } = picture
const REGION = { x: width >> 2, y: height >> 2, width: width >> 1, height: height >> 1 }

async function inNode() {
  const model = await loadModel(modelBytes)
  const file = await compress({ width, height, components, data }, { model, tileSide })
  const pixels = async (options) => sha256((await decompress(file, { model, ...options })).data)
  return {
    file: sha256(file),
    pixels: await pixels({}),
    region: await pixels({ region: REGION }),
    thumbnail: await pixels({ scale: 8 }),
  }
}

/** What the page runs: as a program of a user would, but it tells us what came out. */
const PAGE = `
const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer())
const sha256 = async (bytes) =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('')
const tell = (what) => fetch('/told', { method: 'POST', body: JSON.stringify(what) })

try {
  const { compress, decompress, loadModel } = await import('/dist/index.js')
  const { width, height, components, tileSide, region, threads } = await (await fetch('/task.json')).json()
  const data = await bytesOf('/samples')
  const model = await loadModel(await bytesOf('/model'))
  const start = () => new Worker('/dist/worker.js', { type: 'module' })
  const runs = []
  for (const count of threads) {
    const workers = { count, start }
    const began = performance.now()
    const file = await compress({ width, height, components, data }, { model, tileSide, workers })
    const encoded = performance.now()
    const all = await decompress(file, { model, workers })
    const decoded = performance.now()
    const pixels = async (options) => sha256((await decompress(file, { model, workers, ...options })).data)
    const damaged = file.slice()
    damaged[damaged.length - 40] ^= 1
    runs.push({
      count,
      encode: encoded - began,
      decode: decoded - encoded,
      file: await sha256(file),
      pixels: await sha256(all.data),
      region: await pixels({ region }),
      thumbnail: await pixels({ scale: 8 }),
      damaged: await decompress(damaged, { model, workers }).then(() => 'decoded', ({ fault }) => fault?.tag),
    })
  }
  await tell({ isolated: crossOriginIsolated, browser: navigator.userAgent, runs })
} catch (error) {
  await tell({ error: String(error?.stack ?? error) })
}
`

/**
 * Packages that ddnc's modules import by name. A bundler would put them in; here the server does: bit-buffer is no module
 * of the language's own, so it is wrapped.
 */
const require = createRequire(join(ROOT, 'package.json'))
const packages = {
  'bit-buffer': async () =>
    `const module = { exports: {} }\nlet exports = module.exports;\n${await readFile(require.resolve('bit-buffer'), 'utf8')}
export const { BitStream, BitView } = module.exports`,
  pako: () => readFile(join(dirname(require.resolve('pako')), 'pako.mjs'), 'utf8'),
}
const withPackages = (text) => text.replace(/(from\s*['"])(bit-buffer|pako)(['"])/g, '$1/package/$2.js$3')

const told = { take: null }

async function answer(path) {
  if (path === '/page.js') return [PAGE, 'text/javascript']
  if (path === '/task.json')
    return [JSON.stringify({ width, height, components, tileSide, region: REGION, threads }), 'application/json']
  if (path === '/samples') return [data, 'application/octet-stream']
  if (path === '/model') return [modelBytes, 'application/octet-stream']
  const named = /^\/package\/([a-z-]+)\.js$/.exec(path)
  if (named && packages[named[1]]) return [await packages[named[1]](), 'text/javascript']
  if (/^\/dist\/[\w/.-]+\.js$/.test(path) && !path.includes('..'))
    return [withPackages(await readFile(join(ROOT, path), 'utf8')), 'text/javascript']
  if (extname(path) === '') return ['<!doctype html><title>ddnc</title><script type="module" src="/page.js"></script>', 'text/html'] // prettier-ignore
  return null
}

const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname
  if (path === '/told') {
    let text = ''
    request.on('data', (part) => (text += part))
    request.on('end', () => {
      response.end()
      told.take?.(JSON.parse(text))
    })
    return
  }
  answer(path)
    .catch(() => null)
    .then((found) => {
      if (found === null) return response.writeHead(404).end()
      const isolation = server.isolated
        ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
        : {}
      response.writeHead(200, { 'Content-Type': found[1], 'Cache-Control': 'no-store', ...isolation }).end(found[0])
    })
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

/** What a page tells, opened in a browser of its own. */
async function inBrowser(isolated) {
  server.isolated = isolated
  const profile = await mkdtemp(join(tmpdir(), 'ddnc-browser-'))
  const heard = new Promise((resolve, reject) => {
    told.take = resolve
    setTimeout(() => reject(new Error('the page told nothing')), PATIENCE).unref()
  })
  const url = `http://localhost:${server.address().port}/`
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`]
  const browser = spawn(values.browser, [...flags, url], { stdio: 'ignore' })
  const missing = new Promise((_, reject) => {
    browser.on('error', (error) => reject(new Error(`${values.browser} cannot be started: ${error.message}`)))
  })
  try {
    return await Promise.race([heard, missing])
  } finally {
    const ended = new Promise((resolve) => browser.once('exit', resolve))
    if (browser.kill()) await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

let differences = 0
try {
  const expected = await inNode()
  console.log(`Node ${process.version}: file ${expected.file.slice(0, 16)}, pixels ${expected.pixels.slice(0, 16)}`)
  for (const isolated of [false, true]) {
    const { error, runs, browser, isolated: found } = await inBrowser(isolated)
    if (error) throw new Error(`the page failed: ${error}`)
    if (found !== isolated) throw new Error(`the page is ${found ? '' : 'not '}isolated`)
    console.log(`${/Chrome\/\S+/.exec(browser)?.[0] ?? browser}, ${isolated ? 'isolated' : 'not isolated'}:`)
    for (const { count, encode, decode, damaged, ...hashes } of runs) {
      const wrong = Object.keys(expected).filter((name) => hashes[name] !== expected[name])
      if (damaged !== 'Corrupt') wrong.push(`a damaged file (${damaged})`)
      differences += wrong.length
      const verdict = wrong.length === 0 ? 'equal' : `DIFFERENT: ${wrong.join(', ')}`
      const times = `encoded in ${(encode / 1000).toFixed(2)} s, decoded in ${(decode / 1000).toFixed(2)} s`
      console.log(
        `  ${count} ${count === 1 ? 'thread' : 'threads'}: file, pixels, region and thumbnail ${verdict}; ${times}`,
      )
    }
  }
} finally {
  server.close()
  server.closeAllConnections()
}
process.exitCode = differences === 0 ? 0 : 1
