/** Fuzzing of models (SPEC 4): what is not refused decodes, on both engines alike, whatever its numbers are. */
import { compressWithReport, DdncError, decompress, loadModel, type Model } from '../../index.js'
import { joinBytes } from '../../format/bytes.js'
import type { Pull } from '../../network/pull.js'
import type { Structure } from '../../network/structure.js'
import type { Tensor } from '../../network/safetensors.js'
import { fileOf, filled, microParts, partsOf, type ModelParts } from '../quantise/micro.js'
import { microWholeParts } from '../quantise/microWhole.js'
import { anyNumber, changed, once, pick, type Draw } from './draw.js'
import { byHash, decodeOnBoth } from './engines.js'
import { equalBytes, hold, tagOf, type Target } from './target.js'

const PARTS: readonly ModelParts<Structure>[] = [
  ...(['micro', 'micro-pl'] as const).map(microParts),
  ...(['shot', 'recur', 'class'] as const).map(microWholeParts),
]

type Json = Record<string, unknown>

/** All objects and lists of JSON that are not empty, itself first. */
function insides(json: unknown): Json[] {
  if (typeof json !== 'object' || json === null || Object.keys(json).length === 0) return []
  return [json as Json, ...Object.values(json).flatMap(insides)]
}

const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

/** Changes one value somewhere in JSON, to a neighbour as a rule. */
function changeJson(draw: Draw, json: unknown): void {
  const all = insides(json)
  if (all.length === 0) return // an earlier change has left nothing
  const inside = pick(draw, all)
  const key = pick(draw, Object.keys(inside))
  const value = inside[key]
  if (typeof value === 'number' && !once(draw, 3)) inside[key] = value + pick(draw, [-1, 1, 2])
  else if (once(draw, 6)) delete inside[key]
  else inside[key] = pick(draw, [anyNumber(draw), -1, 0.5, 1e400, '', null, true, [], {}, value, deep(1 + draw(200))])
}

/** A structure whose sizes are a little others, with the tensors that it asks for. */
function regrown(draw: Draw, { structure, tensors }: ModelParts<Structure>): ModelParts<Structure> {
  const changedStructure = structuredClone(structure)
  for (let count = draw(3); count > 0; count--) {
    const inside = pick(draw, insides(changedStructure))
    const key = pick(draw, Object.keys(inside))
    const value = inside[key]
    if (typeof value === 'number') inside[key] = Math.max(0, value + pick(draw, [-2, -1, 1, 2]))
    if (typeof value === 'boolean') inside[key] = !value
  }
  const make: Pull = (name, shape, types) => {
    const found = tensors.get(name)
    if (found && found.shape.join() === shape.join()) return found.data
    if (shape.reduce((a, b) => a * b, 1) > 2 ** 16) throw new RangeError('too large to be tried')
    // Names do not say in which grid a layer is: ids of an order are all different and no DC.
    if (name.endsWith('.order')) return Uint8Array.from({ length: shape[0] }, (_, i) => i + 1 + Math.floor(i / 63))
    return filled(shape, types[0], () => draw(6) - 3)
  }
  try {
    return partsOf(changedStructure, make)
  } catch {
    return { structure, tensors } // sizes that are no sizes of arrays
  }
}

const ENDS: Readonly<Record<string, readonly number[]>> = {
  Int8Array: [-128, -127, 127],
  Uint8Array: [0, 1, 15, 16, 30, 31, 191, 192, 255],
  Int16Array: [-32768, -8192, -4801, -4800, 4800, 8191, 32767],
  Int32Array: [-(2 ** 31), -(2 ** 29), -(2 ** 20), 2 ** 20, 2 ** 29, 2 ** 30, 2 ** 31 - 1],
}

/** Numbers of one tensor, or of many, at the ends of their ranges. */
function extreme(draw: Draw, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const out = new Map(tensors)
  for (let count = 1 + draw(pick(draw, [0, 3, 20])); count > 0; count--) {
    const [name, { shape, data }] = pick(draw, [...out])
    const ends = ENDS[data.constructor.name]
    const copy = data.slice()
    if (once(draw, 4)) copy.fill(pick(draw, [0, ...ends]))
    else for (let i = draw(9); i >= 0 && copy.length > 0; i--) copy[draw(copy.length - 1)] = pick(draw, ends)
    out.set(name, { shape, data: copy })
  }
  return out
}

/** A file with its JSON header changed: an entry, the metadata, or its text. */
function otherHeader(draw: Draw, file: Uint8Array): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true)
  const text = file.subarray(8, 8 + length)
  let header: Uint8Array
  if (once(draw, 3)) header = changed(draw, text)
  else {
    const json = JSON.parse(new TextDecoder().decode(text)) as Json
    for (let count = 1 + draw(1); count > 0; count--) {
      // Below the names of the tensors, of which there are hundreds, everything is an entry.
      const name = pick(draw, once(draw, 4) ? ['__metadata__'] : Object.keys(json))
      if (once(draw, 8)) delete json[name]
      else changeJson(draw, json[name])
    }
    header = new TextEncoder().encode(JSON.stringify(json))
  }
  const size = once(draw, 30) ? anyNumber(draw) : header.length
  return joinBytes([
    [size & 255, (size >> 8) & 255, (size >> 16) & 255, size >>> 24, 0, 0, 0, 0],
    header,
    file.subarray(8 + length),
  ])
}

function make(draw: Draw): Uint8Array {
  let parts = pick(draw, PARTS)
  if (once(draw, 2)) parts = regrown(draw, parts)
  if (once(draw, 4)) {
    const structure = structuredClone(parts.structure)
    changeJson(draw, structure)
    parts = { ...parts, structure }
  }
  if (once(draw, 2)) parts = { ...parts, tensors: extreme(draw, parts.tensors) }
  const file = fileOf(parts)
  if (once(draw, 3)) return otherHeader(draw, file)
  return once(draw, 12) ? changed(draw, file) : file
}

/** What the model makes of a small picture, and what that is decoded to. */
async function roundTrip(model: Model): Promise<void> {
  const sides = model.kind === 'whole' ? model : { width: 11, height: 9, components: 3 as const }
  const { width, height, components } = sides
  const data = Uint8Array.from({ length: width * height * components }, (_, i) => (i * i * 7) & 255)
  const { file, reconstruction } = await compressWithReport({ width, height, components, data }, { model, quality: 90 })
  hold((await decodeOnBoth(file, byHash([model]))) === 'picture', 'a file of a model that was loaded is a picture')
  const picture = await decompress(file, { model })
  hold(equalBytes(picture.data, reconstruction.data), 'it is the picture that the encoder has seen')
}

async function run(bytes: Uint8Array): Promise<string> {
  let model: Model
  try {
    model = await loadModel(bytes)
  } catch (error) {
    const tag = tagOf(error)
    hold(error instanceof DdncError && error.message.length < 500, 'an error is a line')
    return tag
  }
  await roundTrip(model)
  return 'model'
}

export const model: Target = { name: 'model', bound: 30_000, make, run }
