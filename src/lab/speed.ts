/** Speed as `ddnc doctor` shows it: runs counted over a second, and the codec's engine by its 3×3 convolution. */
import { loadEngine } from '../engine/loadEngine.js'
import type { Convolution, Engine } from '../engine/engine.js'

/** Least seconds that are measured. */
const LEAST = 0.6

/**
 * Runs a second, over twice as many runs each time until they last long enough: the first ones compile and allocate.
 * @param run may leave work behind that goes on by itself, as on a GPU
 * @param finish waits for the work that `run` left
 * @example await runsPerSecond(() => matrix.multiply())
 */
export async function runsPerSecond(run: () => void, finish?: () => Promise<unknown>): Promise<number> {
  for (let runs = 1; ; runs *= 2) {
    const begun = performance.now()
    for (let i = 0; i < runs; i++) run()
    await finish?.()
    const seconds = (performance.now() - begun) / 1000
    if (seconds >= LEAST) return runs / seconds
  }
}

export type EngineSpeed = Readonly<{
  /** The one that the codec takes on this machine. */
  engine: Engine['name']
  /** 10^9 multiplications and additions a second of the photo model's 3×3 convolution, on one thread. */
  gigaMacs: number
}>

/** @example const { engine, gigaMacs } = await engineSpeed() */
export async function engineSpeed(): Promise<EngineSpeed> {
  const size = { width: 96, height: 64 }
  const [inputs, outputs] = [128, 64]
  const weights = Int8Array.from({ length: outputs * 9 * inputs }, (_, i) => ((i * 37) % 255) - 127)
  const convolution: Convolution = {
    name: 'speed',
    side: 3,
    inputs,
    outputs,
    weights,
    bias: new Int32Array(outputs),
    shift: new Uint8Array(outputs).fill(8),
  }
  const engine = await loadEngine('wasm', { convolutions: [convolution], cellTables: [] })
  const { x, out } = engine.workspace({
    x: ['int16', (size.width + 2) * (size.height + 2) * inputs],
    out: ['int16', size.width * size.height * outputs],
  })
  x.forEach((_, i) => (x[i] = (i * 53) % 97))
  const runs = await runsPerSecond(() => engine.conv3x3(convolution, x, size, 'activation', out))
  return { engine: engine.name, gigaMacs: (runs * size.width * size.height * weights.length) / 1e9 }
}
