/** What is installed with ddnc, and that nothing is fetched beside it. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ROOT } from './cli/run.js'

type Entry = Readonly<{ resolved?: string; integrity?: string; hasInstallScript?: boolean; license?: string }>
const lock = JSON.parse(await readFile(`${ROOT}package-lock.json`, 'utf8')) as { packages: Record<string, Entry> }
const REGISTRY = 'https://registry.npmjs.org/'
const entries = Object.entries(lock.packages).filter(([path]) => path !== '')

// Without `resolved` npm asks the registry that is set, for the hash that is here.
test('every package comes from the registry, by its hash, with a licence, and runs nothing at installation', () => {
  expect(entries.length).toBeGreaterThan(50)
  for (const [path, { resolved, integrity, hasInstallScript, license }] of entries) {
    const facts = { path, resolved: resolved ?? REGISTRY, integrity, hasInstallScript, license }
    expect(facts).toMatchObject({
      resolved: expect.stringContaining(REGISTRY),
      integrity: expect.stringMatching(/^sha512-/),
      hasInstallScript: undefined,
      license: expect.any(String),
    })
  }
})

test('the notices are those of the lockfile', async () => {
  const checked = promisify(execFile)(process.execPath, [`${ROOT}scripts/third-party.js`, '--check'])
  await expect(checked).resolves.toMatchObject({ stderr: '' })
})

test('nothing in the package knows how to reach a network', async () => {
  const reaches = /'node:(?:https?|http2|net|tls|dgram|dns)[/']|\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon/
  expect("import net from 'node:net'").toMatch(reaches)
  const found: string[] = []
  for (const folder of ['src', 'bin']) {
    for (const path of await readdir(`${ROOT}${folder}`, { recursive: true })) {
      if (!/\.[tj]s$/.test(path)) continue
      if (reaches.test(await readFile(`${ROOT}${folder}/${path}`, 'utf8'))) found.push(path)
    }
  }
  expect(found).toEqual([])
})
