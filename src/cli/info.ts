/** `ddnc info`: what a `.ddn` file says of itself. */
import type { Writable } from 'node:stream'
import { DdncError } from '../errors.js'
import type { GridInfo, Info, LayerInfo, WholeInfo } from '../index.js'
import type { Command } from './command.js'
import { readInput, send } from './io.js'
import { columns } from '../columns.js'

export const info: Command = {
  name: 'info',
  summary: 'show the header of a .ddn file, its streams and the bits of every layer',
  arguments: [['<file>', '.ddn file, or - for standard input']],
  options: ['json', 'path', 'model'],
  examples: ['ddnc info photo.ddn', 'ddnc info --json photo.ddn', 'ddnc info --path photo.ddn'],

  async run([input = '-'], chosen, terminal) {
    const { signal, stdin, stdout } = terminal
    const file = await readInput(input, stdin, signal)
    const [{ inspect, inspectPath, findModel }, { chosenModel }] = await Promise.all([
      import('../node.js'),
      import('./models.js'),
    ])
    const header = inspect(file)
    const model = chosen.model === undefined ? findModel : await chosenModel(chosen.model, terminal)
    // A cut file is shown as far as it goes; the streams say which are whole.
    const readPath = () => inspectPath(file, { model, signal, partial: true })

    if (chosen.path) {
      const { layers, bits } = await readPath()
      await print(
        stdout,
        bits === null ? layers.map(choiceLine) : [bits, layers.flatMap(({ choices }) => [...choices]).join(' ')],
      )
      return
    }
    const layers = withoutWork(header) ?? (await layersOrReason(readPath()))
    if (chosen.json) {
      const found = typeof layers === 'string' ? { layersError: layers } : { layers: layers.map(withoutChoices) }
      await print(stdout, [JSON.stringify({ ...header, ...found }, null, 2)])
      return
    }
    const bits = typeof layers === 'string' ? [`bits per layer: ${layers}`] : layerLines(header, layers)
    await print(stdout, [...headerLines(header), '', ...streamLines(header), '', ...bits])
  },
}

const print = (stdout: Writable, lines: readonly string[]): Promise<void> => send(stdout, lines.join('\n') + '\n')

/** Bits of layers are known once the picture is decoded: for larger ones only by --path. */
const QUICK_PIXELS = 2 ** 24

/** Why no layers are shown of a file that claims more than is worth the time. */
function withoutWork({ width, height, streams }: Info): string | null {
  if (streams.every(({ bytes }) => bytes === 0)) return 'the file has no choices'
  return width * height > QUICK_PIXELS ? 'of a picture of more than 2^24 pixels only with --path' : null
}

/** The header is worth printing even where the model is missing or the rest of the file is damaged. */
async function layersOrReason(path: Promise<{ layers: LayerInfo[] }>): Promise<LayerInfo[] | string> {
  try {
    return (await path).layers
  } catch (error) {
    if (error instanceof DdncError) return error.message
    throw error
  }
}

function headerLines(header: Info): string[] {
  const { width, height, components, bitDepth, model, beside } = header
  const alpha = beside.some(({ name }) => name === 'alpha') ? ' with alpha' : ''
  return columnsLeft([
    ['version', `${header.version}`],
    ['picture', `${width} x ${height}, ${components === 1 ? 'grey' : 'RGB'}${alpha}, ${bitDepth} bits a sample`],
    ['size', `${header.bytes} bytes, ${header.bitsPerPixel.toFixed(3)} bits per pixel`],
    ['profile', header.profile],
    ...(beside.some(({ name }) => name === 'exact') ? [['lossless', 'yes'] as const] : []),
    ...(header.kind === 'whole' ? wholeLines(header) : gridLines(header)),
    ['model', `${model.name} (${model.hash})`],
  ])
}

type Line = readonly [name: string, value: string]

const wholeLines = ({ label, choices }: WholeInfo): Line[] => [
  ['choices', `${choices}`],
  ['class', `${label}`],
]

const gridLines = ({ lambda, lambdaStep, fineLayers, tileSide }: GridInfo): Line[] => [
  ['lambda', `${lambda.toPrecision(4)} (step ${lambdaStep})`],
  ['fine layers', `${fineLayers}`],
  ['tiles', tileSide === 0 ? 'one' : `${tileSide} x ${tileSide} pixels`],
]

const BESIDE_NAMES = {
  alpha: 'alpha',
  exact: 'exact',
  residual: 'residual',
  exif: 'EXIF',
  xmp: 'XMP',
  icc: 'ICC profile',
} as const

function streamLines(header: Info): string[] {
  const rows = header.streams.map(({ name, bytes, complete }) => [name, `${bytes}`, complete ? '' : 'cut short'])
  const beside = header.beside.map(({ name, bytes }) => [BESIDE_NAMES[name], `${bytes}`, ''])
  return columns([['stream', 'bytes'], ...rows, ...beside])
}

/** Bits of each layer over all tiles, in walk order. */
function layerLines(header: Info, layers: readonly LayerInfo[]): string[] {
  const sums = new Map<string, { cells: number; bits: number }>()
  for (const { name, cells, bits } of layers) {
    const sum = sums.get(name) ?? { cells: 0, bits: 0 }
    sums.set(name, { cells: sum.cells + cells, bits: sum.bits + bits })
  }
  const pixels = header.width * header.height
  const row = (name: string, cells: number, bits: number): string[] => [
    name,
    `${cells}`,
    bits.toFixed(1),
    (bits / Math.max(cells, 1)).toFixed(3),
    (bits / pixels).toFixed(4),
  ]
  const rows = [...sums].map(([name, { cells, bits }]) => row(name, cells, bits))
  const total = (of: 'cells' | 'bits'): number => layers.reduce((sum, layer) => sum + layer[of], 0)
  const heading = ['layer', 'cells', 'bits', 'bits per cell', 'bits per pixel']
  return columns([heading, ...rows, row('all', total('cells'), total('bits'))])
}

/** One line a layer: its name, its tile if it has one, then the leaf of every cell in the order of the stream. */
function choiceLine({ name, tile, choices }: LayerInfo): string {
  return `${name}${tile === null ? '' : ` tile ${tile}`}: ${choices.join(' ')}`
}

/** JSON shows a layer's figures; its choices are what `--path` is for. */
function withoutChoices({ name, tile, cells, bits }: LayerInfo): Omit<LayerInfo, 'choices'> {
  return { name, tile, cells, bits }
}

function columnsLeft(rows: readonly Line[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}
