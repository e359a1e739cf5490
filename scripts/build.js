/**
 * Builds the package: AssemblyScript kernels to src/engine/wasm/binary.ts, then src/ to dist/.
 * `node scripts/build.js` builds; with `--if-stale` only when a source is newer than the last build.
 * npm runs it as `prepare`, also where the compilers are left out (NODE_ENV=production): then it says so and stops.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'dist', '.built')
const kernels = join(root, 'src', 'engine', 'wasm', 'binary.ts')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const assembler = join(root, 'node_modules', 'assemblyscript', 'package.json')

/** Newest change of a file, or of the files in a folder, in ms. The kernels' text is made here, so it is no source. */
function newest(path) {
  if (path === kernels) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isStale() {
  if (!existsSync(stamp) || !existsSync(kernels)) return true
  const sources = ['src', 'scripts/build.js', 'scripts/build-wasm.js', 'package.json', 'tsconfig.json']
  return Math.max(...sources.map((name) => newest(join(root, name)))) > statSync(stamp).mtimeMs
}

/** Runs one step in the package's root; a step that fails ends the build with its exit code. */
function step(...command) {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0)
if (!existsSync(compiler) || !existsSync(assembler)) {
  console.log('ddnc: not built, the compilers are development packages; run "npm ci --include=dev" to build it')
  process.exit(0)
}
const begun = new Date()
step(join(root, 'scripts', 'build-wasm.js'))
rmSync(join(root, 'dist'), { recursive: true, force: true })
step(compiler, '-p', root)
// The stamp carries the time the build began: a source saved while it ran is newer, and is built next time.
writeFileSync(stamp, '')
utimesSync(stamp, begun, begun)
