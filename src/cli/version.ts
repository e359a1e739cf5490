import { readFileSync } from 'node:fs'

/** The version that the package's manifest states. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
