import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))

/**
 * DESIGN section 8: imports point one way. Of every part of src/, the parts that it may import besides itself; what a
 * part is, is the longest name here that its path begins with.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  columns: [],
  engine: ['errors'],
  format: ['errors', 'engine'],
  network: ['errors', 'engine'],
  codec: ['errors', 'engine', 'format', 'network'],
  index: ['errors', 'engine', 'format', 'network', 'codec'],
  worker: ['errors', 'engine', 'format', 'network', 'codec'],
  node: ['errors', 'engine', 'format', 'network', 'codec', 'index'],
  lab: ['errors', 'engine', 'format', 'network', 'codec', 'index'],
  // It measures what a user waits for: encoded pictures in, files out.
  'lab/bench': ['errors', 'columns', 'engine', 'format', 'network', 'codec', 'index', 'node', 'lab', 'lab/train'],
  // It tries all that reads bytes which come from elsewhere.
  'lab/fuzz': ['errors', 'engine', 'format', 'network', 'codec', 'index', 'node', 'lab'],
  // Files and folders of pictures, for training and for measurements.
  'lab/data': ['errors', 'network', 'node'],
  'lab/paper': [
    'errors',
    'columns',
    'engine',
    'format',
    'network',
    'codec',
    'index',
    'node',
    'lab',
    'lab/train',
    'lab/bench',
    'lab/data',
  ],
  'lab/train': ['errors', 'engine', 'network', 'lab', 'lab/data'],
  cli: ['errors', 'columns', 'index', 'node', 'lab', 'lab/data', 'lab/train', 'lab/bench', 'lab/paper'],
}

/** Packages and Node modules, by part; everything else of src/ runs in a browser. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  format: /^(bit-buffer|pako)$/,
  node: /^(sharp|node:.*)$/,
  'lab/bench': /^(sharp|node:.*)$/,
  'lab/data': /^(sharp|node:.*)$/,
  'lab/paper': /^(sharp|node:.*)$/,
  'lab/train': /^(@tensorflow\/.*|node:.*)$/,
  cli: /^(commander|node:.*)$/,
}

/** @example partOf('network/walk.ts') // 'network' */
function partOf(path: string): string {
  const parts = Object.keys(MAY_IMPORT).filter((part) => path === `${part}.ts` || path.startsWith(`${part}/`))
  const longest = parts.sort((a, b) => b.length - a.length)[0]
  if (longest === undefined) throw new Error(`${path} belongs to no part`)
  return longest
}

/** What a module imports, types and dynamic imports included. */
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import\(?) ?'([^'\s]+)'/g)].map(([, specifier]) => specifier)

const modules = (await readdir(SOURCE, { recursive: true }))
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts') && !path.startsWith('engine/wasm/assembly/'))

/** Every import that the tables do not allow, as `module → specifier`. */
async function forbiddenImports(): Promise<string[]> {
  const found: string[] = []
  for (const path of modules) {
    const part = partOf(path)
    for (const specifier of importsOf(await readFile(join(SOURCE, path), 'utf8'))) {
      const allowed = specifier.startsWith('.')
        ? [part, ...MAY_IMPORT[part]].includes(
            partOf(normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts')),
          )
        : PACKAGES[part]?.test(specifier)
      if (!allowed) found.push(`${path} → ${specifier}`)
    }
  }
  return found
}

test('imports of all three kinds are seen', () => {
  const text = "import { a } from './a.js'\nexport * from './b.js'\nconst c = await import('./c.js')\nimport 'd'"
  expect(importsOf(text)).toEqual(['./a.js', './b.js', './c.js', 'd'])
})

test('network and format do not know each other, and nothing below imports what stands above', async () => {
  expect(modules.length).toBeGreaterThan(50)
  expect(await forbiddenImports()).toEqual([])
})

test('a command loads the codec only when it is run: not for --help', async () => {
  const loaded = new Set(['cli/main.ts'])
  for (const path of loaded) {
    const text = await readFile(join(SOURCE, path), 'utf8')
    // Type imports are erased, dynamic ones are for later.
    for (const [, specifier] of text.matchAll(/^(?:import|export)(?! type)\b[^'(]*?from '(\.[^']+)'/gm))
      loaded.add(normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts'))
  }
  expect([...loaded]).toEqual(expect.arrayContaining(['cli/paper.ts', 'cli/io.ts', 'node/picture.ts']))
  expect([...loaded].filter((path) => /^(codec|network|lab\/(paper|bench))\/|^(index|node)\.ts$/.test(path))).toEqual(
    [],
  )
})
