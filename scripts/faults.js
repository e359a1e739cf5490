/**
 * What `ddnc` does when the system fails it, after `npm run build`: faults made one after the other, and a table of what
 * came of each. `docs/trust.md` has a result.
 *
 *   node scripts/faults.js [--times 3] [--only TEXT] [--model micro]
 *
 * As root on Linux all are made; without, those that need a mount or another user are left out, and said. Exit code 1 if
 * a run ends without a named error and the right exit code, leaves a part of a file, or changes an input.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { drawScreen } from '../dist/lab/train/drawing.js'

const BIN = fileURLToPath(new URL('../bin/ddnc.js', import.meta.url))
const NOBODY = 65534
/** Limits of open files, from the least that Node itself starts with. */
const HANDLES = [20, 24, 28, 32, 40, 48]
const isRoot = process.getuid?.() === 0

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    model: { type: 'string', default: 'micro' },
  },
})

/** Pictures that every fault begins with, the folder `in`, and their files, `ddn`. */
async function makeInputs(folder) {
  await mkdir(join(folder, 'in'))
  for (const [i, side] of [48, 96, 640].entries()) {
    const { data, width, height } = drawScreen(i + 1, side)
    const raw = { width, height, channels: 3 }
    await sharp(Buffer.from(data), { raw })
      .png()
      .toFile(join(folder, 'in', `p${i + 1}.png`))
  }
  const { code, errors } = await run(folder, encode('in', '-O', 'ddn'))
  if (code !== 0) throw new Error(`encode fails: ${errors}`)
}

const encode = (...args) => ['encode', '--model', values.model, ...args]

/** @param how `limit`: of the shell's ulimit; `user`: who runs it; `during`: called with the process while it runs */
async function run(cwd, args, { limit, user, during, close = [] } = {}) {
  const command =
    limit === undefined
      ? [process.execPath, BIN, ...args]
      : ['bash', '-c', `ulimit ${limit} && exec "$@"`, '-', process.execPath, BIN, ...args]
  const child = spawn(command[0], command.slice(1), {
    cwd,
    ...(user && { uid: user, gid: user }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [lines, errors] = ['', '']
  if (close.includes(1)) child.stdout.destroy()
  else child.stdout.on('data', (chunk) => (lines += chunk))
  if (close.includes(2)) child.stderr.destroy()
  else child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, lines, errors })))
  await during?.(child, ended)
  return ended
}

const tried = (command, ...args) => spawnSync(command, args).status === 0
const isOver = (ended) => Promise.race([ended.then(() => true), sleep(0).then(() => false)])

/** A small file system of its own. */
async function mounted(folder, options, use) {
  await mkdir(folder, { recursive: true })
  if (!tried('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder)) return null
  try {
    return await use()
  } finally {
    tried('umount', folder)
  }
}

const childrenOf = (id) => {
  try {
    return readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Kills a process that works for this one, once there is one and it has had time to begin. */
async function killWorker(child, ended) {
  while (childrenOf(child.pid).length === 0 && !(await isOver(ended))) await sleep(20)
  await sleep(Math.random() * 3000)
  for (const id of childrenOf(child.pid)) tried('kill', '-KILL', `${id}`)
}

/** Appends to a file until the run is over. */
const writeTo = (path) => async (child, ended) => {
  while (!(await isOver(ended))) await appendFile(path, Buffer.alloc(1))
}

/**
 * Every fault: a name, how it is made (`null` if it cannot be here), the exit codes that are right and what the error
 * says. `needsRoot`: a mount or another user.
 */
const FAULTS = [
  {
    name: 'disk full, one file',
    needsRoot: true,
    codes: [3],
    says: /the disk is full/,
    make: (at) =>
      mounted(join(at, 'out'), 'size=8k', async () => {
        await writeFile(join(at, 'out', 'filler'), Buffer.alloc(4096))
        return run(at, encode('in/p3.png', 'out/p3.ddn')).then((ran) => withFiles(at, ran))
      }),
  },
  {
    name: 'disk full, many files',
    needsRoot: true,
    codes: [3],
    says: /the disk is full.*\n.*takes no more/,
    make: (at) =>
      mounted(join(at, 'out'), 'size=16k', () => run(at, encode('in', '-O', 'out')).then((ran) => withFiles(at, ran))),
  },
  {
    name: 'disk full, a device',
    codes: [3],
    says: /the disk is full/,
    make: (at) => run(at, ['decode', '-f', 'ddn/p1.ddn', '/dev/full', '--format', 'png']),
  },
  {
    name: 'file system read-only, many files',
    needsRoot: true,
    codes: [3],
    says: /read-only/,
    make: (at) => mounted(join(at, 'out'), 'ro', () => run(at, encode('in', '-O', 'out'))),
  },
  {
    name: 'file size limit, one file',
    codes: [3],
    says: /larger than allowed/,
    make: (at) => run(at, ['decode', 'ddn/p3.ddn', 'out.png'], { limit: '-f 1' }),
  },
  {
    name: 'file size limit, many files',
    codes: [1],
    says: /larger than allowed/,
    make: (at) => run(at, ['decode', 'ddn', '-O', 'out'], { limit: '-f 4' }),
  },
  {
    name: 'input may not be read, one file',
    needsRoot: true,
    codes: [3],
    says: /permission denied/,
    make: async (at) => {
      await chmod(join(at, 'in/p1.png'), 0o600)
      await openTo(NOBODY, at)
      return run(at, encode('in/p1.png', 'out.ddn'), { user: NOBODY })
    },
  },
  {
    name: 'input may not be read, many files',
    needsRoot: true,
    codes: [1],
    says: /permission denied[^]*1 of 3 files failed/,
    make: async (at) => {
      await chmod(join(at, 'in/p1.png'), 0o600)
      await openTo(NOBODY, at)
      return run(at, encode('in', '-O', 'out'), { user: NOBODY })
    },
  },
  {
    name: 'folder may not be written, one file',
    needsRoot: true,
    codes: [3],
    says: /permission denied/,
    make: (at) => run(at, encode('in/p1.png', 'ddn/new.ddn'), { user: NOBODY }),
  },
  {
    name: 'folder may not be written, many files',
    needsRoot: true,
    codes: [1, 3],
    says: /permission denied/,
    make: (at) => run(at, encode('in', '-O', 'ddn', '-f'), { user: NOBODY }),
  },
  {
    name: 'a folder in the way of a file',
    codes: [3],
    says: /a folder of that name is in the way/,
    make: async (at) => {
      await mkdir(join(at, 'out.ddn'))
      return run(at, encode('-f', 'in/p1.png', 'out.ddn'))
    },
  },
  {
    name: 'a folder in the way of one of many',
    codes: [1],
    says: /a folder of that name is in the way[^]*1 of 3 files/,
    make: async (at) => {
      await mkdir(join(at, 'out/p2.ddn'), { recursive: true })
      return run(at, encode('-f', 'in', '-O', 'out'))
    },
  },
  {
    name: 'a file in the way of the folder',
    codes: [3],
    says: /a file of that name is in the way/,
    make: (at) => run(at, encode('in', '-O', 'in/p1.png')),
  },
  {
    name: 'links in a circle',
    codes: [3],
    says: /go in a circle/,
    make: async (at) => {
      await symlink('loop', join(at, 'loop'))
      return run(at, encode('loop', 'out.ddn'))
    },
  },
  {
    name: 'a name too long',
    codes: [3],
    says: /too long/,
    make: (at) => run(at, encode('in/p1.png', `${'n'.repeat(300)}.ddn`)),
  },
  {
    name: 'closed pipe, one file',
    codes: [3],
    says: /^$/,
    make: (at) => run(at, encode('in/p3.png', '-'), { close: [1] }),
  },
  {
    name: 'closed pipe, many files',
    codes: [3],
    says: /^$/,
    make: (at) => run(at, encode('in', '-O', 'out', '--json'), { close: [1] }),
  },
  {
    name: 'closed standard error, many files',
    codes: [1],
    says: /^$/,
    make: async (at) => {
      await writeFile(join(at, 'bad.png'), 'no picture')
      return run(at, encode('in', 'bad.png', '-O', 'out'), { close: [2] })
    },
  },
  {
    name: 'input changes while it is read, one file',
    codes: [3],
    says: /it changed meanwhile/,
    make: async (at) => {
      const path = join(at, 'changing.png')
      await writeFile(path, Buffer.alloc(2 ** 26))
      return run(at, encode(path, 'out.ddn'), { during: writeTo(path) })
    },
  },
  {
    name: 'input changes while it is read, many files',
    codes: [1],
    says: /it changed meanwhile[^]*1 of 4 files failed/,
    make: async (at) => {
      const path = join(at, 'changing.png')
      await writeFile(path, Buffer.alloc(2 ** 26))
      return run(at, encode('in', path, '-O', 'out'), { during: writeTo(path) })
    },
  },
  ...HANDLES.flatMap((limit) => [
    {
      name: 'no file handles left, one file',
      codes: [0, 3],
      says: /^$|too many (files are open|open files)/,
      make: (at) => run(at, encode('in/p1.png', 'out.ddn'), { limit: `-n ${limit}` }),
    },
    {
      name: 'no file handles left, many files',
      codes: [0, 1, 3],
      says: /^$|too many (files are open|open files)|cannot work on any file/,
      make: (at) => run(at, encode('in', '-O', 'out', '--quiet'), { limit: `-n ${limit}` }),
    },
  ]),
  {
    name: 'a worker killed',
    codes: [0, 1, 3],
    says: /^$|ended by SIGKILL/,
    make: (at) =>
      run(at, encode('in', '-O', 'out', '--engine', 'reference', '-j', '1', '--quiet'), { during: killWorker }),
  },
]

/** What was left in a file system that is gone when the run is looked at. */
const withFiles = async (at, ran) => ({ ...ran, left: await filesIn(join(at, 'out')) })

/** Everybody may go there, and the user may write there. */
async function openTo(user, folder) {
  await chmod(folder, 0o755)
  await chown(folder, user, user)
}

async function filesIn(folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const files = new Map()
  for (const name of names) {
    if ((await stat(join(folder, name)).catch(() => null))?.isFile())
      files.set(name, await readFile(join(folder, name)))
  }
  return files
}

/** Names of files that are no whole ones: temporary, or none of what undisturbed runs make. */
const partialOf = (files, whole) =>
  [...files]
    .filter(
      ([name, bytes]) =>
        name.endsWith('.tmp') || (/\.(ddn|png)$/.test(name) && !whole.some((file) => file.equals(bytes))),
    )
    .map(([name]) => name)

async function main(folder) {
  await makeInputs(folder)
  const inputs = await filesIn(join(folder, 'in'))
  const whole = await filesIn(join(folder, 'ddn'))
  await run(folder, ['decode', 'ddn', '-O', 'png', '--quiet'])
  const made = [...whole.values(), ...(await filesIn(join(folder, 'png'))).values()]
  await rm(join(folder, 'png'), { recursive: true })

  const rows = new Map()
  const complaints = []
  for (const { name, codes, says, needsRoot, make } of FAULTS) {
    if (!name.includes(values.only)) continue
    const row = rows.get(name) ?? { runs: 0, codes: new Set(), named: 0, partial: 0, touched: 0, line: '' }
    rows.set(name, row)
    for (let i = 0; i < Number(values.times); i++) {
      if (needsRoot && !isRoot) continue
      const at = await mkdtemp(join(folder, 'run-'))
      await chmod(folder, 0o755)
      await chmod(at, 0o755)
      for (const [from, files] of [
        ['in', inputs],
        ['ddn', whole],
      ]) {
        await mkdir(join(at, from))
        for (const [file, bytes] of files) await writeFile(join(at, from, file), bytes)
      }
      const ran = await make(at)
      if (ran === null) break
      const { code, signal, errors, left } = ran
      row.runs++
      row.codes.add(code ?? signal)
      const isNamed = codes.includes(code) && says.test(errors) && !errors.includes('should not happen')
      row.named += isNamed ? 1 : 0
      row.line ||= errors.split('\n')[0].replaceAll(`${at}/`, '')
      const found = new Map(
        [...(left ?? []), ...(await filesIn(at))].filter(
          ([path]) => !/^(in|ddn)\/p\d/.test(path) && !/^(changing|bad)\.png$/.test(path),
        ),
      )
      const partial = partialOf(found, made)
      row.partial += partial.length
      const now = new Map([...(await filesIn(join(at, 'in')))])
      const isTouched = [...inputs].some(([file, bytes]) => !now.get(file)?.equals(bytes))
      row.touched += isTouched ? 1 : 0
      if (!isNamed || isTouched || partial.length > 0)
        complaints.push(
          `${name}: ${code ?? signal}, left over ${partial.join(' ')}, ${isTouched ? 'INPUT CHANGED, ' : ''}${errors}`,
        )
      await rm(at, { recursive: true, force: true })
    }
  }

  console.log('| fault | runs | exit code | named error | partial files | inputs changed | what is said, first line |')
  console.log('|---|---|---|---|---|---|---|')
  for (const [name, { runs, codes, named, partial, touched, line }] of rows) {
    const cells =
      runs === 0
        ? ['not made here', '', '', '', '', '']
        : [runs, [...codes].sort().join(', '), named, partial, touched, line === '' ? '' : `\`${line.slice(0, 120)}\``]
    console.log(`| ${[name, ...cells].join(' | ')} |`)
  }
  for (const complaint of complaints) console.log(`\n${complaint}`)
  return complaints.length
}

const folder = await mkdtemp(join(tmpdir(), 'ddnc-faults-'))
try {
  process.exitCode = (await main(folder)) === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
