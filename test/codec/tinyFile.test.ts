/** The worked example of SPEC 3.5: read out of the text, so that the two cannot differ. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compressWithReport, decompress, inspectPath } from '../../src/index.js'
import { decompressAnd } from '../../src/codec/decompress.js'
import type { CellCandidates } from '../../src/network/candidates.js'
import { lambda, micro } from '../micro.js'

const specification = readFileSync(new URL('../../codec-spec/SPEC.md', import.meta.url), 'utf8')
const example = specification.slice(specification.indexOf('**3.5 Example.**'), specification.indexOf('## 4.'))
/** Lines such as `    04  00 04 49 02      version, …`: an offset, then the bytes. */
const lines = [...example.matchAll(/^ {4}([0-9a-f]{2}) {2}((?:[0-9a-f]{2} )+)/gm)]
const bytes = Uint8Array.from(
  lines.flatMap(([, , hex]) =>
    hex
      .trim()
      .split(' ')
      .map((byte) => parseInt(byte, 16)),
  ),
)

describe('one grey pixel of value 200 at s = 73', () => {
  test('the offsets of the text are those of its bytes', () => {
    let at = 0
    for (const [, offset, hex] of lines) {
      expect(parseInt(offset, 16)).toBe(at)
      at += hex.trim().split(' ').length
    }
    expect(at).toBe(51)
  })

  test.each(['wasm', 'reference'] as const)('%s: it is the file of the text, and comes back', async (engine) => {
    const source = { width: 1, height: 1, components: 1 as const, data: Uint8Array.of(200) }
    const { file } = await compressWithReport(source, { model: micro, lambda: lambda(73), engine })
    expect(Buffer.from(file).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
    expect(await decompress(bytes, { model: micro, engine })).toEqual(source)
  })

  test('its first cell is what the text says', async () => {
    const cells: unknown[] = []
    await decompressAnd(bytes, { model: micro }, (tile, candidates, { leaves, counts }) => {
      const { frequencies, value } = candidates as CellCandidates
      cells.push([tile, [...frequencies().subarray(0, 7)], leaves[0], counts[0], value(0, leaves[0], counts[0])])
    })
    expect(cells[0]).toEqual([null, [1191, 2936, 5681, 12606, 5637, 3393, 1324], 6, 9, 495120])
    const { layers } = await inspectPath(bytes, { model: micro })
    expect(layers.map(({ cells: count }) => count)).toEqual([6, 16, 4, 0]) // the odd half-pass of one position is empty
  })
})
