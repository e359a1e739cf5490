/**
 * The walk against the prototype's traced crop (shared/prototype/photo): teacher-forced and free-running, floats and
 * integers.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { engineParts } from '../../src/codec/engineParts.js'
import { forEachCell } from '../../src/engine/cells.js'
import type { Engine } from '../../src/engine/engine.js'
import { loadEngine } from '../../src/engine/loadEngine.js'
import { floatEngine } from '../../src/lab/quantise/floatEngine.js'
import { readPrototype } from '../../src/lab/quantise/prototype.js'
import type { CellCandidates } from '../../src/network/candidates.js'
import type { WalkState } from '../../src/network/gridWalk.js'
import { recording, rateDistortion, replay } from '../../src/network/guides.js'
import { layoutOf } from '../../src/network/layout.js'
import { cellGrid, type CellGridModel } from '../../src/network/model.js'
import { readModel } from '../../src/network/modelFile.js'
import { reconstruct } from '../../src/network/reconstruct.js'
import { readSafetensors, type Tensor } from '../../src/network/safetensors.js'
import { targetsOf } from '../../src/network/target.js'
import type { Guide } from '../../src/network/walk.js'

const folder = process.env['DDNC_PROTOTYPE'] ?? join(import.meta.dirname, '../../../shared/prototype/photo')
const here = existsSync(join(folder, 'parity.safetensors'))
if (!here) console.warn(`parity: no prototype at ${folder}; set DDNC_PROTOTYPE to its folder`)

describe.runIf(here)('parity with the prototype', () => {
  const layout = layoutOf(128, 128, 0)
  let parity: ReadonlyMap<string, Tensor>
  let float: CellGridModel
  beforeAll(() => {
    parity = readSafetensors(readFileSync(join(folder, 'parity.safetensors'))).tensors
    float = readPrototype(readFileSync(join(folder, 'photo.safetensors')), 'photo-1', false).model
  })
  const tensor = (name: string) => parity.get(name)!.data

  /** Root mean square difference from the prototype's [channels, positions], relative to the tensor's own rms. */
  const difference = (name: string, ours: ArrayLike<number>, channels: number): number => {
    const theirs = tensor(name)
    const positions = theirs.length / channels
    let [error, energy] = [0, 0]
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < channels; c++) {
        error += (ours[p * channels + c] - theirs[c * positions + p]) ** 2
        energy += theirs[c * positions + p] ** 2
      }
    }
    return Math.sqrt(error / energy)
  }

  /** Replays the stored path, [r, positions] a layer; the largest difference of each kind over all layers. */
  const teacherForced = (
    engine: Engine,
    model: CellGridModel,
    lambda: string,
    s: number,
    fineLayers: number,
    sigmaOf: (sigma: number) => number,
  ) => {
    const most = { h: 0, mean: 0, logScale: 0, logits: 0, linear: 0, out: 0 }
    const note = (kind: keyof typeof most, value: number): void => void (most[kind] = Math.max(most[kind], value))
    let index = 0
    const name = (of: string): string => `lambda_${lambda}.${index}.${of}`
    const stored = (): Guide =>
      replay({
        next(candidates, chosen) {
          const { layer, size } = candidates
          candidates.frequencies() // so that z is there to compare
          const path = tensor(name('path'))
          const positions = size.width * size.height
          forEachCell(layer, size, (cell, c, p) => (chosen.leaves[cell] = path[c * positions + p]))
        },
      })
    const observe = (state: WalkState): void => {
      const layer = state.grid.layers[index < 6 ? index : index - 6]
      const r = layer.end - layer.first
      note(
        'h',
        difference(
          name('h'),
          Float64Array.from(state.h, (x) => x / 256),
          state.grid.channels,
        ),
      )
      note(
        'mean',
        difference(
          name('mean'),
          Float64Array.from(state.mean, (x) => x / 64),
          r,
        ),
      )
      note('logScale', logDifference(name('sigma'), Float64Array.from(state.sigma, sigmaOf), r))
      const logits = new Float64Array(state.positions * r * layer.rows)
      for (let i = 0; i < logits.length; i++) {
        const cell = Math.floor(i / layer.rows)
        const row = (cell % r) * layer.rows + (i % layer.rows)
        let sum = layer.priorBias[row]
        for (let j = 0; j < layer.rank; j++)
          sum += layer.priorTable[row * layer.rank + j] * state.z[cell * layer.rank + j]
        logits[i] = engine === floatEngine ? sum / 256 : sum / 256 / 2 ** layer.priorShift
      }
      note('logits', difference(name('logits'), logits, r * layer.rows))
      index++
    }
    const forced = finish(reconstruct(engine, model, { layout, s, fineLayers }, stored, observe))
    expect(index).toBe(6 + fineLayers)
    for (const [what, planes] of [
      ['linear', forced.linear],
      ['out', forced.planes],
    ] as const) {
      const joined = Float64Array.from({ length: 3 * 16384 }, (_, i) => planes[i % 3][Math.floor(i / 3)] / 8)
      note(what, difference(`lambda_${lambda}.${what}`, joined, 3))
    }
    return most
  }

  /** The same for ln σ, whose own rms is that of the prototype's ln σ. */
  const logDifference = (name: string, ours: Float64Array, r: number): number => {
    const theirs = tensor(name)
    const positions = theirs.length / r
    let [error, energy] = [0, 0]
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < r; c++) {
        const log = Math.log(theirs[c * positions + p])
        error += (Math.log(ours[p * r + c]) - log) ** 2
        energy += log ** 2
      }
    }
    return Math.sqrt(error / energy)
  }

  const cases = [
    ['2.5', 15, 8],
    ['7.0', 60, 5],
  ] as const

  test.each(cases)('in floats, teacher-forced, at ln λ = %s: 1e-4 of each tensor', (lambda, s, fineLayers) => {
    const most = teacherForced(floatEngine, float, lambda, s, fineLayers, (sigma) => sigma * 4)
    console.info(`floats, teacher-forced, ln λ = ${lambda}:`, most)
    for (const value of Object.values(most)) expect(value).toBeLessThan(1e-4)
  })

  test.each(cases)('in floats, free-running, at ln λ = %s: 99.9 % of the choices', (lambda, s, fineLayers) => {
    const rgb = tensor('rgb') // [3, 128, 128]
    const data = Uint8Array.from({ length: 3 * 16384 }, (_, i) => rgb[(i % 3) * 16384 + Math.floor(i / 3)])
    const targetOf = targetsOf(floatEngine, { width: 128, height: 128, components: 3, data }, float, layout)
    let [same, all, bits, index] = [0, 0, 0, 0]
    const weights = new Float64Array(192).fill(1)
    const guideOf = (tile: number | null): Guide<CellCandidates> => {
      return recording(
        rateDistortion(targetOf(tile), weights, Math.exp(Number(lambda))),
        ({ layer, size, frequencies }, chosen) => {
          const path = tensor(`lambda_${lambda}.${index++}.path`)
          const positions = size.width * size.height
          const prior = frequencies()
          forEachCell(layer, size, (cell, c, p) => {
            all++
            if (chosen.leaves[cell] === path[c * positions + p]) same++
            bits += 15 - Math.log2(prior[cell * layer.rows + chosen.leaves[cell]])
          })
        },
      )
    }
    finish(reconstruct(floatEngine, float, { layout, s, fineLayers }, guideOf))
    console.info(
      `floats, free-running, ln λ = ${lambda}: ${((100 * same) / all).toFixed(4)} % of ${all} choices agree, ${bits.toFixed(1)} bits`,
    )
    expect(same / all).toBeGreaterThanOrEqual(0.999)
    expect(Math.abs(bits / tensor(`lambda_${lambda}.bits`)[0] - 1)).toBeLessThan(1e-3)
  })

  // What quantisation explains: int8 weights of a block are off by up to 1/254 of the largest of their output,
  // activations by
  // half a step of 1/8191 of their range, and the trunk adds up what fourteen blocks leave.
  test.each(cases)('in the shipped integers, teacher-forced, at ln λ = %s', async (lambda, s, fineLayers) => {
    const model = cellGrid(await readModel(readFileSync(join(import.meta.dirname, '../../models/photo.ddnm'))))
    const engine = await loadEngine('wasm', engineParts(model))
    const most = teacherForced(engine, model, lambda, s, fineLayers, (row) => Math.exp((row - 768) / 256))
    console.info(`integers, teacher-forced, ln λ = ${lambda}:`, most)
    expect(most.h).toBeLessThan(0.02)
    expect(most.mean).toBeLessThan(0.05)
    expect(most.logScale).toBeLessThan(0.02)
    expect(most.logits).toBeLessThan(0.02)
    expect(most.linear).toBeLessThan(0.005)
    expect(most.out).toBeLessThan(0.005)
  })
})

function finish<T>(work: Generator<number, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
