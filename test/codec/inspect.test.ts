import { expect, test } from 'vitest'
import { compressWithReport, inspect, inspectPath } from '../../src/index.js'
import { decompressAnd } from '../../src/codec/decompress.js'
import { entropySink } from '../../src/codec/entropy.js'
import { readHeader } from '../../src/format/header.js'
import { forEachCell } from '../../src/engine/cells.js'
import { gridInfo, lambda, micro, MODELS, onlyPlain, picture } from '../micro.js'

test('what a file says of itself, without its model', async () => {
  const { file } = await compressWithReport(picture(97, 65, 3), { model: micro, lambda: lambda(20), tileSide: 64 })
  const info = gridInfo(file)
  expect(info).toMatchObject({
    version: 0,
    kind: 'grid',
    width: 97,
    height: 65,
    components: 3,
    bitDepth: 8,
    profile: 'entropy',
    lambdaStep: 20,
    fineLayers: 4,
    tileSide: 64,
    model: { name: 'micro', hash: Buffer.from(micro.hash.subarray(0, 8)).toString('hex') },
    bytes: file.length,
    bitsPerPixel: (8 * file.length) / (97 * 65),
  })
  expect(info.lambda).toBeCloseTo(Math.exp(3), 9)
  expect(info.streams.map(({ name }) => name)).toEqual(['coarse', 'tile 0', 'tile 1', 'tile 2', 'tile 3'])
  expect(info.streams.every(({ complete }) => complete)).toBe(true)
})

test('a cut file is described as far as it goes', async () => {
  const { file } = await compressWithReport(picture(97, 65, 3), { model: micro, tileSide: 64 })
  const { length } = readHeader(file)
  expect(inspect(file.subarray(0, length)).streams).toEqual(
    ['coarse', 'tile 0', 'tile 1', 'tile 2', 'tile 3'].map((name) => ({ name, bytes: 0, complete: false })),
  )
  expect(inspect(file.subarray(0, length + 9)).streams[0]).toEqual({ name: 'coarse', bytes: 7, complete: false })
})

test.each(MODELS)('the path of $model.name, $profile: every layer, its cells and bits', async ({ model, profile }) => {
  const source = picture(70, 66, 3)
  const { file, bits } = await compressWithReport(source, { model, profile, lambda: lambda(20), tileSide: 64 })
  const { layers } = await inspectPath(file, { model })
  const tiles = [{ tile: null, grid: model.coarse }, ...[0, 1, 2, 3].map((tile) => ({ tile, grid: model.fine }))]
  expect(layers.map(({ tile, name }) => [tile, name])).toEqual(
    tiles.flatMap(({ tile, grid }) => grid.layers.map(({ name }) => [tile, name])),
  )
  for (const layer of layers) expect(layer.choices.length).toBe(layer.cells)
  // Coarse grid 2×2; tile 0 is 8×8 positions, its even half-pass 32.
  expect(layers[0].cells).toBe(4 * model.coarse.layers[0].end)
  const even = layers.find(({ tile }) => tile === 0)!
  expect(even.cells).toBe(32 * model.fine.layers[0].end)
  if (profile === 'entropy') expect(layers.reduce((sum, layer) => sum + layer.bits, 0)).toBeCloseTo(bits, 6)
  expect(await inspectPath(file, { model, engine: 'reference' })).toEqual({ layers, bits: null })
})

test('plain: the streams are the bits of their layers, n·log2 K a cell, in whole bytes', async () => {
  for (const [width, height] of [
    [1, 1],
    [9, 17],
    [97, 65],
  ]) {
    const file = (await compressWithReport(picture(width, height, 3), { model: onlyPlain, tileSide: 64 })).file
    const { layers } = await inspectPath(file, { model: onlyPlain })
    for (const { name, cells, bits } of layers) {
      const { K, n } = [...onlyPlain.coarse.layers, ...onlyPlain.fine.layers].find((layer) => layer.name === name)!
      expect(bits).toBe(cells * n * Math.log2(K))
    }
    const bytes = inspect(file).streams.map((_, i) => {
      const own = layers.filter(({ tile }) => tile === (i === 0 ? null : i - 1))
      return Math.ceil(own.reduce((sum, { bits }) => sum + bits, 0) / 8)
    })
    expect(inspect(file).streams.map((stream) => stream.bytes)).toEqual(bytes)
  }
})

test('the choices told are those of the file: coded again they are its streams', async () => {
  const { file } = await compressWithReport(picture(33, 17, 3), { model: micro, lambda: lambda(5) })
  const { layers } = await inspectPath(file, { model: micro })
  const told = layers.map(({ choices }) => [...choices])
  // A second walk over the file compares cell by cell what a listener of the decoder sees.
  const sinks = { coarse: entropySink(), fine: entropySink() }
  let index = 0
  await decompressAnd(file, { model: micro }, (tile, candidates, chosen) => {
    const seen: number[] = []
    forEachCell(candidates.layer, candidates.size, (cell) => seen.push(chosen.leaves[cell]))
    expect(seen).toEqual(told[index++])
    ;(tile === null ? sinks.coarse : sinks.fine).listen(candidates, chosen)
  })
  const { streams } = inspect(file)
  expect(sinks.coarse.finish().data.length).toBe(streams[0].bytes)
  expect(sinks.fine.finish().data.length).toBe(streams[1].bytes)
})
