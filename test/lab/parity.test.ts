/** The walk in floats against the prototype's traced crop (shared/prototype/photo): teacher-forced and free-running. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { forEachCell } from '../../src/engine/cells.js'
import { floatEngine } from '../../src/lab/quantise/floatEngine.js'
import { readPrototype } from '../../src/lab/quantise/prototype.js'
import { recording, rateDistortion, replay } from '../../src/network/guides.js'
import { layoutOf } from '../../src/network/layout.js'
import { reconstruct } from '../../src/network/reconstruct.js'
import { readSafetensors } from '../../src/network/safetensors.js'
import { targetsOf } from '../../src/network/target.js'
import type { Guide, WalkState } from '../../src/network/walk.js'

const folder = process.env['DDNC_PROTOTYPE'] ?? join(import.meta.dirname, '../../../shared/prototype/photo')
const here = existsSync(join(folder, 'parity.safetensors'))
if (!here) console.warn(`parity: no prototype at ${folder}; set DDNC_PROTOTYPE to its folder`)

describe.runIf(here)('parity with the prototype', () => {
  const { model } = readPrototype(readFileSync(join(folder, 'photo.safetensors')), 'photo-1', false)
  const parity = readSafetensors(readFileSync(join(folder, 'parity.safetensors'))).tensors
  const tensor = (name: string) => parity.get(name)!.data
  const layout = layoutOf(128, 128, 0)
  // rgb is [3, 128, 128]
  const rgb = tensor('rgb')
  const data = Uint8Array.from({ length: 3 * 128 * 128 }, (_, i) => rgb[(i % 3) * 16384 + Math.floor(i / 3)])
  const targets = targetsOf(floatEngine, { width: 128, height: 128, components: 3, data }, model, layout)

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

  test.each([
    ['2.5', 15, 8],
    ['7.0', 60, 5],
  ])('at ln λ = %s', (lambda, s, fineLayers) => {
    const task = { layout, s, fineLayers }
    const name = (index: number, of: string): string => `lambda_${lambda}.${index}.${of}`

    // Teacher-forced: the stored path, [r, positions], is replayed.
    let index = 0
    const stored = (): Guide =>
      replay({
        next({ layer, size }, chosen) {
          const path = tensor(name(index, 'path'))
          const positions = size.width * size.height
          forEachCell(layer, size, (cell, c, p) => (chosen.leaves[cell] = path[c * positions + p]))
        },
      })
    const check = (state: WalkState): void => {
      const layer = state.layers[(index < 6 ? index : index - 6) as number]
      const r = layer.end - layer.first
      expect(difference(name(index, 'h'), state.h.map((x) => x / 256), state.grid.channels)).toBeLessThan(1e-4)
      expect(difference(name(index, 'mean'), state.mean.map((x) => x / 64), r)).toBeLessThan(1e-4)
      expect(difference(name(index, 'sigma'), state.sigma.map((x) => x * 4), r)).toBeLessThan(1e-4)
      const logits = new Float32Array(state.positions * r * layer.rows)
      for (let i = 0; i < logits.length; i++) {
        const cell = Math.floor(i / layer.rows)
        const row = (cell % r) * layer.rows + (i % layer.rows)
        let sum = layer.priorBias[row]
        for (let j = 0; j < layer.rank; j++) sum += layer.priorTable[row * layer.rank + j] * state.z[cell * layer.rank + j]
        logits[i] = sum / 256
      }
      expect(difference(name(index, 'logits'), logits, r * layer.rows)).toBeLessThan(1e-4)
      index++
    }
    const forced = finish(reconstruct(floatEngine, model, task, stored, check))
    expect(index).toBe(6 + fineLayers)
    for (const [what, planes] of [['linear', forced.linear], ['out', forced.planes]] as const) {
      const joined = Float32Array.from({ length: 3 * 16384 }, (_, i) => planes[i % 3][Math.floor(i / 3)] / 8)
      expect(difference(`lambda_${lambda}.${what}`, joined, 3)).toBeLessThan(1e-4)
    }

    // Free-running: the float guide chooses; at least 99.9 % of the choices are the prototype's.
    let [same, all, bits] = [0, 0, 0]
    index = 0
    const weights = new Float64Array(192).fill(1)
    const guideOf = (tile: number | null): Guide => {
      const target = tile === null ? targets.coarse : targets.fine(layout.tiles[tile])
      return recording(rateDistortion(target, weights, Math.exp(Number(lambda))), ({ layer, size, frequencies }, chosen) => {
        const path = tensor(name(index++, 'path'))
        const positions = size.width * size.height
        const prior = frequencies()
        forEachCell(layer, size, (cell, c, p) => {
          all++
          if (chosen.leaves[cell] === path[c * positions + p]) same++
          bits += 15 - Math.log2(prior[cell * layer.rows + chosen.leaves[cell]])
        })
      })
    }
    finish(reconstruct(floatEngine, model, task, guideOf))
    console.info(`parity at ln λ = ${lambda}: ${((100 * same) / all).toFixed(4)} % of ${all} choices agree; ${bits.toFixed(1)} bits`)
    expect(same / all).toBeGreaterThanOrEqual(0.999)
    expect(Math.abs(bits / tensor(`lambda_${lambda}.bits`)[0] - 1)).toBeLessThan(1e-3)
  }, 120_000)
})

function finish<T>(work: Generator<number, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
