/** The one table of options: checks, help and the README's list come from it. */
import { DdncError } from '../errors.js'
import { BACKENDS } from '../lab/train/backend.js'
import { PICTURE_FORMATS } from '../node/picture.js'

type Row<Value> = Readonly<{
  /** As commander writes them: short, long, argument. */
  flags: string
  help: string
  /** Checks the argument; a row without it is a switch. */
  parse?: (text: string) => Value
  /** Rows that may not be given beside this one. */
  excludes?: readonly string[]
}>

const FORMATS = Object.keys(PICTURE_FORMATS) as (keyof typeof PICTURE_FORMATS)[]

export const OPTIONS = {
  quality: {
    flags: '-q, --quality <number>',
    help: 'from 1, smallest, to 100, the best the model has; default 75; 100 is not lossless',
    parse: integer('--quality', 1, 100),
    excludes: ['lambda', 'targetSize', 'targetPsnr'],
  },
  lambda: {
    flags: '--lambda <number>',
    help: 'instead of -q: squared error, in grey levels, that one bit must save; 2.72 to 4023',
    parse: positive('--lambda'),
    excludes: ['targetSize', 'targetPsnr'],
  },
  targetSize: {
    flags: '--target-size <bytes>',
    help: 'instead of -q: the best quality whose whole file has at most so many bytes',
    parse: integer('--target-size', 1, Number.MAX_SAFE_INTEGER),
    excludes: ['targetPsnr'],
  },
  targetPsnr: {
    flags: '--target-psnr <dB>',
    help: 'instead of -q: the smallest file that has this PSNR; if none has, the best there is',
    parse: positive('--target-psnr'),
  },
  effort: {
    flags: '--effort <number>',
    help: 'from 1 (default) to 9: how long to look for a smaller file of the same quality; decoding takes no longer',
    parse: integer('--effort', 1, 9),
  },
  tune: {
    flags: '--tune <name>',
    help: 'what a file is to be good by: psnr (default), or ssim, for the eye: more bits where the picture is calm',
    parse: oneOf('--tune', ['psnr', 'ssim']),
  },
  lossless: {
    flags: '--lossless',
    help: 'the file decodes to the same pixels; -q, then 60 by default, is the quality of its lossy part',
    excludes: ['targetSize', 'targetPsnr'],
  },
  profile: {
    flags: '--profile <name>',
    help: 'entropy: choices coded with the learned prior; plain: as bare numbers; default: entropy if the model has it',
    parse: oneOf('--profile', ['entropy', 'plain']),
  },
  search: {
    flags: '--search <name>',
    help: 'where a cell makes several choices: leaves (default) weighs all their outcomes, greedy goes one by one',
    parse: oneOf('--search', ['leaves', 'greedy']),
  },
  resize: { flags: '--resize', help: 'resize and cut the picture to the size of a model that has one size' },
  label: {
    flags: '--label <number>',
    help: 'class of the picture, of a model with classes; default: encode tries every one, generate draws one',
    parse: integer('--label', 0, 255),
  },
  bits: {
    flags: '--path <bits>',
    help: 'instead of IN: the path that info --path prints, of a whole-image model named by --model',
    parse: (text: string) => text,
    excludes: ['partial'],
  },
  rate: {
    flags: '--rate <bits>',
    help: 'bits per pixel of the pictures that are shown side by side; default 0.25',
    parse: positive('--rate'),
  },
  seed: {
    flags: '--seed <number>',
    help: 'where random numbers begin: the same seed, the same result; default 1',
    parse: integer('--seed', 0, 4294967295),
  },
  count: {
    flags: '--count <number>',
    help: 'so many pictures on one sheet, their seeds rising by 1; of paper and bench: that are judged, instead of all',
    parse: integer('--count', 1, 10000),
  },
  prior: { flags: '--prior', help: "choose by the model's learned prior; default: all candidates alike" },
  temperature: {
    flags: '--temperature <number>',
    help: 'of --prior: below 1 more of what is probable, above 1 less; default 1',
    parse: positive('--temperature'),
  },
  size: {
    flags: '--size <width>x<height>',
    help: 'pixels, of a model that takes any size',
    parse: sizes('--size'),
  },
  model: {
    flags: '--model <name>',
    help: 'a model of the package, or a .ddnm file; default: photo to encode, what the file names to decode',
    parse: (text: string) => text,
  },
  background: {
    flags: '--background <colour>',
    help: 'CSS colour that a transparent picture is laid on; default: transparency is kept',
    parse: (text: string) => text,
  },
  frame: {
    flags: '--frame <number>',
    help: 'of an animation, or a file of several pages; default 1, the first',
    parse: integer('--frame', 1, 1000000),
  },
  strip: {
    flags: '--strip',
    help: 'leave out EXIF and XMP; default: they are kept',
    excludes: ['stripLocation'],
  },
  stripLocation: { flags: '--strip-location', help: 'leave out where the picture was taken: GPS in EXIF and XMP' },
  keepGamut: {
    flags: '--keep-gamut',
    help: 'code the RGB numbers as they are and keep their ICC profile; default: converted to sRGB',
  },
  engine: {
    flags: '--engine <name>',
    help: 'wasm (default) or reference, slow and plain: both give the same bytes',
    parse: oneOf('--engine', ['wasm', 'reference']),
  },
  format: {
    flags: '--format <name>',
    help: `${FORMATS.join(', ')}; default: by the extension of OUT, else png`,
    parse: oneOf('--format', FORMATS),
  },
  region: {
    flags: '--region <x,y,w,h>',
    help: 'of the picture this rectangle alone, in pixels from the left and the top',
    parse: region('--region'),
  },
  scale: {
    flags: '--scale <number>',
    help: '8: a thumbnail, an eighth as wide and high, of the coarse grid alone; default 1',
    parse: (text: string): 1 | 8 => (oneOf('--scale', ['1', '8'])(text) === '8' ? 8 : 1),
  },
  difference: {
    flags: '--difference <file>',
    help: 'write a picture of the differences, amplified until the largest is white, or nearly',
    parse: (text: string) => text,
  },
  partial: { flags: '--partial', help: 'decode what there is of a file that was cut short' },
  pictures: {
    flags: '--pictures <folder>',
    help: 'folder of pictures to calibrate on',
    parse: (text: string) => text,
  },
  name: {
    flags: '--name <name>',
    help: 'name of the model, at most 8 characters',
    parse: (text: string) => text,
  },
  recipe: {
    flags: '--recipe <name>',
    help: 'a recipe of the package, or a .json file; default photo',
    parse: (text: string) => text,
  },
  data: {
    flags: '--data <folder>',
    help: 'folder of photographs to train on, or of MNIST, CIFAR-10 or pictures of one size',
    parse: (text: string) => text,
  },
  out: {
    flags: '-O, --out <folder>',
    help: 'folder that all that is made goes to; of encode and decode one file for every IN',
    parse: (text: string) => text,
  },
  jobs: {
    flags: '-j, --jobs <number>',
    help: 'of -O: files worked on at the same time; default: one a core, if there is 1 GiB of memory for each',
    parse: integer('--jobs', 1, 256),
  },
  skipExisting: {
    flags: '--skip-existing',
    help: 'of -O: skip what is made already of the same input, model and options, and make anew what is not',
  },
  recursive: { flags: '-r, --recursive', help: 'of -O: an IN that is a folder stands for those in it, too' },
  steps: {
    flags: '--steps <number>',
    help: 'steps of the whole run, those that are done included',
    parse: integer('--steps', 1, 10000000),
  },
  minutes: {
    flags: '--minutes <number>',
    help: 'instead of --steps: training time of the whole run; how many steps fit is known after 20',
    parse: positive('--minutes'),
    excludes: ['steps'],
  },
  checkpointEvery: {
    flags: '--checkpoint-every <seconds>',
    help: 'seconds of training between checkpoints; default 180',
    parse: positive('--checkpoint-every'),
  },
  resume: { flags: '--resume', help: 'go on from the checkpoint in --out', excludes: ['from', 'recipe'] },
  from: {
    flags: '--from <weights>',
    help: 'begin with the weights of a checkpoint, or of the reference (prototype/photo), where --recipe has the same',
    parse: (text: string) => text,
  },
  backend: {
    flags: '--backend <name>',
    help: `what training computes on: ${BACKENDS.join(', ')}; default: the fastest that is there`,
    parse: oneOf('--backend', BACKENDS),
  },
  threads: {
    flags: '--threads <number>',
    help: 'threads that one picture, or training on a CPU, takes; default: all cores, with -O one for each file',
    parse: integer('--threads', 1, 1024),
  },
  until: {
    flags: '--until <steps>',
    help: 'largest step of lambda at which each of the last fine layers is coded, such as 58,58,24; default: as trained',
    parse: steps('--until'),
  },
  withoutEscape: { flags: '--without-escape', help: 'no layer has an escape, as in the float reference' },
  maxPixels: {
    flags: '--max-pixels <number>',
    help: 'a picture of more is refused before it is decoded; default 268435456, the most that a file holds',
    parse: integer('--max-pixels', 1, 2 ** 28),
  },
  maxSeconds: {
    flags: '--max-seconds <number>',
    help: 'a file that takes longer is given up; default 1800',
    parse: positive('--max-seconds'),
  },
  maxMemory: {
    flags: '--max-memory <MiB>',
    help: 'a file that takes more is given up; default 8192, or three quarters of what the machine has',
    parse: integer('--max-memory', 128, 1048576),
  },
  force: { flags: '-f, --force', help: 'replace OUT, or the checkpoint in --out, if it exists' },
  quiet: { flags: '--quiet', help: 'no summary line, no progress' },
  json: { flags: '--json', help: 'print JSON; of encode and decode one line for every file', excludes: ['path'] },
  path: { flags: '--path', help: 'print the choices of every layer; of a whole-image file first its bits' },
} satisfies Record<string, Row<unknown>>

export type OptionName = keyof typeof OPTIONS

type Value<R> = R extends { parse: (text: string) => infer V } ? V : true

/** What the user gave. */
export type Chosen = { readonly [Name in OptionName]?: Value<(typeof OPTIONS)[Name]> | undefined }

/** The row of an option, its excludes included; the table's own type is too narrow to ask for them. */
export function optionRow(name: OptionName): Row<unknown> {
  return OPTIONS[name]
}

function integer(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]+$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    const allowed = `an integer from ${least} to ${most}`
    throw new DdncError({ tag: 'BadOption', option, found: quoted(text), allowed })
  }
}

function sizes(option: string): (text: string) => { width: number; height: number } {
  return (text) => {
    const [, width, height] = /^([1-9][0-9]{0,6})x([1-9][0-9]{0,6})$/.exec(text) ?? []
    if (width !== undefined && height !== undefined) return { width: Number(width), height: Number(height) }
    throw new DdncError({
      tag: 'BadOption',
      option,
      found: quoted(text),
      allowed: 'two sides in pixels, such as 96x64',
    })
  }
}

function region(option: string): (text: string) => { x: number; y: number; width: number; height: number } {
  return (text) => {
    const numbers = /^[0-9]{1,7}(,[0-9]{1,7}){3}$/.test(text) ? text.split(',').map(Number) : []
    const [x, y, width, height] = numbers
    if (width > 0 && height > 0) return { x, y, width, height }
    const allowed = 'left, top, width and height in pixels, such as 0,0,640,480'
    throw new DdncError({ tag: 'BadOption', option, found: quoted(text), allowed })
  }
}

function steps(option: string): (text: string) => number[] {
  return (text) => {
    const values = text.split(',').map((part) => (/^[0-9]+$/.test(part) ? Number(part) : NaN))
    if (values.every((value, i) => value <= 73 && (i === 0 || value <= values[i - 1]))) return values
    const allowed = 'steps from 0 to 73, not increasing, with commas between'
    throw new DdncError({ tag: 'BadOption', option, found: quoted(text), allowed })
  }
}

function positive(option: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value > 0 && value < Infinity) return value
    throw new DdncError({ tag: 'BadOption', option, found: quoted(text), allowed: 'a number above 0' })
  }
}

function oneOf<const Name extends string>(option: string, names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const name = names.find((candidate) => candidate === text)
    if (name !== undefined) return name
    throw new DdncError({ tag: 'BadOption', option, found: quoted(text), allowed: names.join(' or ') })
  }
}

const quoted = (text: string): string => `"${text}"`
