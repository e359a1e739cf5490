#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(built)) {
  try {
    const { main } = await import(built.href)
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    // Not even a module could be read: no file handle is left, or a file of ours is not there.
    process.stderr.write(`ddnc: cannot start: ${error.message}\n`)
    process.exitCode = 3
  }
} else {
  process.stderr.write('ddnc: this checkout is not built yet; run "npm ci --include=dev" in it\n')
  process.exitCode = 3
}
