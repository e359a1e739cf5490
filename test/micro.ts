/** The micro-models and small pictures, shared by the tests of codec/ and network/. */
import fc from 'fast-check'
import { microFile, microParts } from '../src/lab/quantise/micro.js'
import { readFile, type Coded } from '../src/format/file.js'
import type { GridHeader } from '../src/format/header.js'
import { inspect, loadModel, type GridInfo, type Picture, type WholeImageModel } from '../src/index.js'
import { microWholeFile, type MicroWholeName } from '../src/lab/quantise/microWhole.js'
import { cellGrid, type CellGridModel } from '../src/network/model.js'
import { writeModel } from '../src/network/modelFile.js'
import type { Tensor } from '../src/network/safetensors.js'
import type { CellGridStructure } from '../src/network/structure.js'
import { uniformFrom } from '../src/network/uniform.js'

export const micro: CellGridModel = cellGrid(await loadModel(microFile('micro')))
export const microPlain: CellGridModel = cellGrid(await loadModel(microFile('micro-pl')))

const { structure, tensors } = microParts('micro-pl')
/** `micro-pl` as a model that has no other profile. */
export const onlyPlain: CellGridModel = cellGrid(
  await loadModel(writeModel({ ...structure, profiles: ['plain'] }, tensors)),
)

/** Every model with every profile that it has. */
export const MODELS = [
  { model: micro, profile: 'entropy' },
  { model: microPlain, profile: 'entropy' },
  { model: microPlain, profile: 'plain' },
] as const

/** What a file of grids says of itself. */
export function gridInfo(file: Uint8Array): GridInfo {
  const info = inspect(file)
  if (info.kind !== 'grid') throw new Error('a file of whole-image choices')
  return info
}

/** A file of grids, read. */
export function gridFile(file: Uint8Array): Coded<GridHeader> {
  const { header, streams } = readFile(file)
  if (header.kind !== 'grid') throw new Error('a file of whole-image choices')
  return { header, streams }
}

/** Bytes of `micro` with one tensor or the structure replaced. */
export function altered(changes: {
  tensors?: Record<string, (tensor: Tensor) => Tensor | undefined>
  structure?: (structure: CellGridStructure) => unknown
}): Uint8Array {
  const { structure, tensors } = microParts('micro')
  const copy = new Map(tensors)
  for (const [name, change] of Object.entries(changes.tensors ?? {})) {
    const tensor = copy.get(name)
    if (!tensor) throw new Error(`micro has no tensor ${name}`)
    const changed = change({ shape: tensor.shape, data: tensor.data.slice() })
    if (changed) copy.set(name, changed)
    else copy.delete(name)
  }
  const changedStructure = changes.structure?.(structuredClone(structure)) ?? structure
  return writeModel(changedStructure as CellGridStructure, copy)
}

export type Kind = 'gradient' | 'noise' | 'extreme' | 'flat'

/** A gradient with some noise, noise alone, black and white alone, or one colour. */
export function picture(width: number, height: number, components: 1 | 3, kind: Kind = 'gradient', seed = 1): Picture {
  const next = uniformFrom(seed)
  const colour = [next() * 255, next() * 255, next() * 255]
  const value = (x: number, y: number, component: number): number => {
    switch (kind) {
      case 'gradient':
        return 40 + 150 * (x / width) + 50 * (y / height) - 20 * component + 24 * (next() - 0.5)
      case 'noise':
        return next() * 256
      case 'extreme':
        return next() < 0.5 ? 0 : 255
      case 'flat':
        return colour[component]
    }
  }
  const data = new Uint8ClampedArray(width * height * components)
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / components)
    data[i] = value(pixel % width, Math.floor(pixel / width), i % components)
  }
  return { width, height, components, data: new Uint8Array(data.buffer) }
}

export const anyPicture: fc.Arbitrary<Picture> = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 97 }), fc.constantFrom(1, 7, 8, 9, 63, 64, 65)),
    fc.oneof(fc.integer({ min: 1, max: 65 }), fc.constantFrom(1, 7, 8, 9, 63, 64, 65)),
    fc.constantFrom(1 as const, 3 as const),
    fc.constantFrom<Kind>('gradient', 'noise', 'extreme', 'flat'),
    fc.integer(),
  )
  .map((arguments_) => picture(...arguments_))

export const anyStep = fc.oneof(fc.integer({ min: 0, max: 73 }), fc.constantFrom(0, 30, 31, 60, 61, 73))

/** λ whose nearest step is s. */
export const lambda = (s: number): number => Math.exp(1 + s / 10)

/** Models whose candidates are whole pictures: single shot, recurrent, conditional. */
export const WHOLE_MODELS: readonly WholeImageModel[] = await Promise.all(
  (['shot', 'recur', 'class'] as const).map(wholeModel),
)

async function wholeModel(name: MicroWholeName): Promise<WholeImageModel> {
  const model = await loadModel(microWholeFile(name))
  if (model.kind !== 'whole') throw new Error(`${name} is no whole-image model`)
  return model
}
