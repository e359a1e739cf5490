/** `ddnc info`: what a `.ddn` file says of itself. */
import type { Info, PathInfo } from '../index.js'
import { DdncError } from '../errors.js'
import type { Command } from './command.js'
import { readInput } from './io.js'
import { columns } from './report.js'

export const info: Command = {
  name: 'info',
  summary: 'show the header of a .ddn file, its chunks and the bits of every layer',
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

    if (chosen.path) {
      const path = await inspectPath(file, { model })
      stdout.write(choiceLines(path).join('\n') + '\n')
      return
    }
    const layers = await layersOrReason(inspectPath(file, { model }))
    if (chosen.json) {
      const { error, path } = layers
      const found = path === null ? { layersError: error } : { layers: path.layers }
      stdout.write(JSON.stringify({ ...header, ...found }, null, 2) + '\n')
      return
    }
    const lines = [...headerLines(header), '', ...chunkLines(header), '']
    lines.push(...(layers.path === null ? [`bits per layer: ${layers.error}`] : layerLines(header, layers.path)))
    stdout.write(lines.join('\n') + '\n')
  },
}

type Layers = { path: PathInfo; error: null } | { path: null; error: string }

/** The header is worth printing even where the model is missing or the rest of the file is damaged. */
async function layersOrReason(path: Promise<PathInfo>): Promise<Layers> {
  try {
    return { path: await path, error: null }
  } catch (error) {
    if (error instanceof DdncError) return { path: null, error: error.message }
    throw error
  }
}

function headerLines(header: Info): string[] {
  const { width, height, components, bitDepth, lambda, lambdaStep, tileSide, model } = header
  return columnsLeft([
    ['version', `${header.version}`],
    ['picture', `${width} x ${height}, ${components === 1 ? 'grey' : 'RGB'}, ${bitDepth} bits a sample`],
    ['size', `${header.bytes} bytes, ${header.bitsPerPixel.toFixed(3)} bits per pixel`],
    ['profile', header.profile],
    ['lambda', `${lambda.toPrecision(4)} (step ${lambdaStep})`],
    ['fine layers', `${header.fineLayers}`],
    ['tiles', tileSide === 0 ? 'one' : `${tileSide} x ${tileSide} pixels`],
    ['model', `${model.name} (${model.hash})`],
  ])
}

function chunkLines(header: Info): string[] {
  return columns([['chunk', 'bytes'], ...header.chunks.map(({ type, bytes }) => [`${type}`, `${bytes}`])])
}

function layerLines(header: Info, { layers }: PathInfo): string[] {
  const pixels = header.width * header.height
  const rows = layers.map(({ name, cells, choices, bits }) => [
    name,
    `${cells}`,
    `${choices}`,
    bits.toFixed(1),
    (bits / pixels).toFixed(4),
  ])
  return columns([['layer', 'cells', 'choices', 'bits', 'bits per pixel'], ...rows])
}

/** One line a layer: its name, then its choices in walk order. */
function choiceLines({ layers, choices }: PathInfo): string[] {
  return layers.map(({ name }, at) => `${name}: ${Array.from(choices?.[at] ?? []).join(' ')}`)
}

function columnsLeft(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}
