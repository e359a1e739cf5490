/** Runs a command line. */
import { Command as Parser, CommanderError, Option } from 'commander'
import type { Command, Terminal } from './command.js'
import { compare } from './compare.js'
import { decode } from './decode.js'
import { doctor } from './doctor.js'
import { encode } from './encode.js'
import { exportCommand } from './export.js'
import { generateCommand } from './generate.js'
import { info } from './info.js'
import { EXIT, judge, stackOf } from './judge.js'
import { optionRow, type Chosen } from './options.js'
import { paper } from './paper.js'
import { oneLine } from './report.js'
import { train } from './train.js'
import { version } from './version.js'

const EXIT_HELP = `
Exit codes:
  0    done
  1    the file or picture is at fault: damaged, not a picture, unknown model, over a limit; of many files, some failed
  2    the command line is at fault: unknown or contradicting options, values out of range
  3    the system refused: cannot read or write, OUT exists without -f, disk full
  130  interrupted; nothing is left behind but, of many files, those that are done`

const COMMANDS: readonly Command[] = [
  encode,
  decode,
  info,
  compare,
  generateCommand,
  exportCommand,
  train,
  paper,
  doctor,
]

type Streams = Omit<Terminal, 'signal'>

/**
 * Runs `ddnc` with these arguments.
 * @param argv without node and script
 * @returns the exit code; errors are one line on stderr, with their stack if DDNC_DEBUG is set
 * @example process.exitCode = await main(['encode', 'photo.jpg'])
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const interrupt = new AbortController()
  const onInterrupt = (): void => {
    // The second time the user will not wait for an end in good order. A temporary file that stays is harmless.
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted)
    interrupt.abort()
  }
  process.on('SIGINT', onInterrupt)
  // A reader that goes away is reported to whoever writes; without a listener it would end the process with a stack.
  const ignore = (): void => {}
  streams.stdout.on('error', ignore)
  streams.stderr.on('error', ignore)
  const { stdin, stdout, stderr } = streams
  try {
    await parser({ stdin, stdout, stderr, signal: interrupt.signal }).parseAsync(argv, { from: 'user' })
    return EXIT.done
  } catch (error) {
    const [code, line] = interrupt.signal.aborted ? [EXIT.interrupted, 'interrupted'] : judge(error)
    if (line !== null) stderr.write(`ddnc: ${oneLine(line)}\n`)
    if (process.env['DDNC_DEBUG'] && !(error instanceof CommanderError)) stderr.write(`${stackOf(error)}\n`)
    return code
  } finally {
    process.off('SIGINT', onInterrupt)
    streams.stdout.off('error', ignore)
    streams.stderr.off('error', ignore)
  }
}

function parser(terminal: Terminal): Parser {
  const output = {
    writeOut: (text: string): void => void terminal.stdout.write(text),
    writeErr: (text: string): void => void terminal.stderr.write(text),
    outputError: (): void => {}, // `judge` words it
  }
  const program = new Parser('ddnc')
    .description('Image codec built on Discrete Distribution Networks. `ddnc help COMMAND` tells more.')
    .version(version())
    .configureOutput(output)
    .configureHelp({ helpWidth: HELP_WIDTH })
    .exitOverride()
    .addHelpText('after', examples(COMMANDS.map((command) => command.examples[0])) + '\n' + EXIT_HELP)
  for (const command of COMMANDS) {
    const parsed = program.command(command.name).description(command.summary)
    for (const [name, help] of command.arguments) parsed.argument(name, help)
    for (const name of command.options) parsed.addOption(option(name))
    parsed.allowExcessArguments(false).addHelpText('after', examples(command.examples))
    parsed.action(async (...passed: unknown[]) => {
      // The last argument of a command may stand for any number of them.
      const args = passed.slice(0, command.arguments.length).flat() as (string | undefined)[]
      await command.run(args, parsed.opts<Chosen>(), terminal)
    })
  }
  return program
}

/** Wide enough for one option a line; the same everywhere, so that help can be compared. */
const HELP_WIDTH = 120

function option(name: Command['options'][number]): Option {
  const row = optionRow(name)
  const made = new Option(row.flags, row.help)
  // The row's name, not the flag's: --path is a switch of one command and takes bits in another.
  made.attributeName = () => name
  if (row.parse !== undefined) made.argParser(row.parse)
  if (row.excludes !== undefined) made.conflicts([...row.excludes])
  return made
}

const examples = (lines: readonly string[]): string => ['\nExamples:', ...lines.map((line) => `  ${line}`)].join('\n')
