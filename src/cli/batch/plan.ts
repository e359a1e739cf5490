/** Which files `-O` stands for, and what each becomes. Known whole before anything is written. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DdncError } from '../../errors.js'
import { beside } from '../command.js'
import { failure, READ_ADVICE } from '../systemFailure.js'

export type Planned = Readonly<{
  input: string
  output: string
  /** Of the output, from its folder on, with `/` between. */
  name: string
}>

export type PlanOptions = Readonly<{
  /** Where outputs go. */
  folder: string
  /** Of outputs. */
  extension: string
  /** Names that are taken from a folder. */
  takes: RegExp
  /** Folders within folders, too. */
  recursive: boolean
}>

/**
 * One output for each input, its name kept: `a/x.jpg` becomes `FOLDER/x.ddn`. An input that is a folder stands for
 * the files in it that are meant, under the names that they have from there on. An input given twice is taken once.
 * @throws {DdncError} BadOption: two inputs with one output, an output that is an input, `-`, or nothing to do
 * @throws {SystemFailure} a folder that cannot be read
 * @example await plan(['a/x.jpg', 'b'], { folder: 'out', extension: '.ddn', takes: /\.jpg$/, recursive: false })
 */
export async function plan(inputs: readonly string[], options: PlanOptions): Promise<Planned[]> {
  const { folder, extension } = options
  const planned: Planned[] = []
  const inputOf = new Map<string, string>()
  for (const given of inputs) {
    if (given === '-') {
      throw new DdncError({ tag: 'BadOption', option: 'IN', found: '- with -O', allowed: 'files and folders' })
    }
    for (const { input, name: source } of await filesOf(given, options)) {
      const name = beside(source, extension)
      const output = join(folder, name)
      const other = inputOf.get(name)
      if (other !== undefined && resolve(other) === resolve(input)) continue
      if (other !== undefined) throw clash(output, `made of ${other} and of ${input}`, 'one input; rename the other')
      inputOf.set(name, input)
      planned.push({ input, output, name })
    }
  }
  if (planned.length === 0) {
    const found = `${inputs.join(' ')}, with no file that is meant`
    throw new DdncError({
      tag: 'BadOption',
      option: 'IN',
      found,
      allowed: `names of files, or folders with ${options.takes}`,
    })
  }
  const read = new Set(planned.map(({ input }) => resolve(input)))
  for (const { output } of planned) {
    if (read.has(resolve(output))) throw clash(output, 'an input, too', 'another folder')
  }
  return planned
}

const clash = (output: string, found: string, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option: `the output ${output}`, found, allowed })

type Source = Readonly<{ input: string; name: string }>

/** The files that an argument stands for. What is not there stands for itself: reading it says so, of it alone. */
async function filesOf(given: string, options: PlanOptions): Promise<Source[]> {
  const found = await stat(given).catch(() => null)
  return found?.isDirectory() ? filesIn(given, '', options) : [{ input: given, name: basename(given) }]
}

/** In the order of their names. Hidden ones are left out, as a shell's `*` does, and so are links to folders. */
async function filesIn(folder: string, prefix: string, options: PlanOptions): Promise<Source[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw failure(cause, `cannot read ${folder}`, READ_ADVICE)
  })
  const files: Source[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const input = join(folder, entry.name)
    const name = prefix + entry.name
    if (!entry.isDirectory()) {
      if (options.takes.test(entry.name)) files.push({ input, name })
    } else if (options.recursive) {
      for (const file of await filesIn(input, `${name}/`, options)) files.push(file)
    }
  }
  return files
}
