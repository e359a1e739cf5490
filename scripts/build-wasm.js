/**
 * Compiles the AssemblyScript kernels and writes them as text to src/engine/wasm/binary.ts, so that nothing is loaded
 * at run time. The text names the compiler and is the same for the same sources.
 */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = 'src/engine/wasm/assembly/index.ts'
const TARGET = 'src/engine/wasm/binary.ts'
const OPTIONS = [
  '-O3',
  '--converge',
  '--noAssert',
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--importMemory',
  '--memoryBase',
  '1024',
  '--use',
  'abort=',
]

const { error, stdout, stderr, binary } = await compile()
if (error || !binary) {
  process.stderr.write(`${stderr}${error?.message ?? 'no output'}\n`)
  process.exit(1)
}
const { version } = createRequire(import.meta.url)('assemblyscript/package.json')
const text = Buffer.from(binary).toString('base64')
await writeFile(
  new URL(`../${TARGET}`, import.meta.url),
  `/** Made by scripts/build-wasm.js: AssemblyScript ${version} ${OPTIONS.join(' ')}, ${binary.length} bytes. */\n` +
    `export const KERNELS =\n  '${text}'\n`,
)
process.stdout.write(`${stdout}${TARGET}: ${binary.length} bytes of WebAssembly\n`)

async function compile() {
  let binary
  const result = await asc.main([SOURCE, '--baseDir', ROOT, '--outFile', 'kernels.wasm', ...OPTIONS], {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) binary = contents
    },
  })
  return { ...result, stdout: result.stdout.toString(), stderr: result.stderr.toString(), binary }
}
