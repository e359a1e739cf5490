/** Where the time of an encoding or decoding goes, by the engine's kernels. */
import { encode } from '../../codec/encode.js'
import { engineParts } from '../../codec/engineParts.js'
import { entropySource } from '../../codec/entropy.js'
import { drive } from '../../codec/drive.js'
import { fineLayersAt, lambdaOf } from '../../codec/lambda.js'
import { streamOf } from '../../codec/streams.js'
import type { Convolution, Engine } from '../../engine/engine.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { readFile } from '../../format/file.js'
import { fromOpponent } from '../../network/colour.js'
import { replay } from '../../network/guides.js'
import { layoutOf } from '../../network/layout.js'
import type { CellGridModel } from '../../network/model.js'
import type { Picture } from '../../network/picture.js'
import { reconstruct } from '../../network/reconstruct.js'
import { targetsOf } from '../../network/target.js'

/** Time of the calls of one kind. Multiplications are of convolutions, as the direct kernel would make them. */
export type StageTime = Readonly<{ stage: string; calls: number; seconds: number; products: number }>

export type TimedEngine = Readonly<{
  /** The same numbers; every kernel's time is added up. */
  engine: Engine
  /** Times since the last call of `take`, the longest first. */
  take(): StageTime[]
}>

/** Called for every number, or next to nothing: a clock would cost more than they do. */
const UNTIMED: ReadonlySet<string> = new Set(['round', 'narrowed', 'candidateValue', 'nearestCount', 'lambdaBias'])

/**
 * Puts a clock before every kernel of an engine.
 * @example
 * const { engine, take } = timedEngine(await loadEngine('wasm', engineParts(model)))
 * await drive(reconstruct(engine, model, task, guideOf), {})
 * take()[0].stage // conv1x1 128→528
 */
export function timedEngine(engine: Engine): TimedEngine {
  const times = new Map<string, { calls: number; seconds: number; products: number }>()
  const timed = Object.fromEntries(
    Object.entries(engine).map(([name, value]) => {
      if (typeof value !== 'function' || UNTIMED.has(name)) return [name, value]
      return [
        name,
        (...args: unknown[]): unknown => {
          const from = performance.now()
          const result: unknown = (value as (...args: unknown[]) => unknown).apply(engine, args)
          const seconds = (performance.now() - from) / 1000
          const [stage, products] = stageOf(name, args)
          const before = times.get(stage) ?? { calls: 0, seconds: 0, products: 0 }
          times.set(stage, {
            calls: before.calls + 1,
            seconds: before.seconds + seconds,
            products: before.products + products,
          })
          return result
        },
      ]
    }),
  ) as unknown as Engine
  return {
    engine: timed,
    take() {
      const taken = [...times].map(([stage, time]) => ({ stage, ...time })).sort((a, b) => b.seconds - a.seconds)
      times.clear()
      return taken
    },
  }
}

/** Convolutions by their shape, with their multiplications; other kernels by their name. */
function stageOf(name: string, args: readonly unknown[]): [stage: string, products: number] {
  if (name !== 'conv3x3' && name !== 'conv1x1') return [name, 0]
  const { side, inputs, outputs } = args[0] as Convolution
  const place = args[2] as number | { width: number; height: number }
  const positions = typeof place === 'number' ? place : place.width * place.height
  return [`${side}×${side} ${inputs}→${outputs}`, positions * side * side * inputs * outputs]
}

/** One encoding or decoding. `total` in seconds; what is no kernel is the last stage. */
export type Stages = Readonly<{ what: string; total: number; stages: readonly StageTime[] }>

/**
 * The fastest of several encodings and decodings of a picture in one tile, entropy profile, by stages.
 * @param steps of λ
 * @param runs of each
 * @example for (const { what, total } of await stagesOf(model, picture, [40], 5)) say(`${what}: ${total} s`)
 */
export async function stagesOf(
  model: CellGridModel,
  picture: Picture,
  steps: readonly number[],
  runs: number,
): Promise<Stages[]> {
  const { width, height, components } = picture
  const layout = layoutOf(width, height, 0)
  const { engine, take } = timedEngine(await loadEngine('wasm', engineParts(model)))
  const found: Stages[] = []
  for (const s of steps) {
    const fineLayers = fineLayersAt(model, s)
    const header = {
      ...({ kind: 'grid', profile: 'entropy', tileSide: 0, lambdaStep: s } as const),
      ...{ width, height, components, fineLayers, modelHash: model.hash.subarray(0, 8), modelName: model.name },
    }
    const encodeOnce = async (): Promise<Uint8Array> => {
      const targetOf = targetsOf(engine, picture, model, layout)
      return (
        await encode(
          { engine, picture, model, layout, targetOf, search: 'leaves', tuning: null, again: false, beside: {} },
          header,
          lambdaOf(s),
          {},
        )
      ).file
    }
    const file = await encodeOnce()
    const decodeOnce = async (): Promise<void> => {
      const { streams } = readFile(file, { partial: false })
      const guides = streams.map((stream, i) =>
        replay(entropySource({ ...stream, where: '', ...streamOf(model, layout, fineLayers, i === 0 ? null : i - 1) })),
      )
      const task = { layout, s, fineLayers }
      const { planes } = await drive(
        reconstruct(engine, model, task, (tile) => guides[tile === null ? 0 : tile + 1]),
        {},
      )
      fromOpponent(planes, layout.fine.width * 8, width, height, components)
    }
    found.push(await fastest(`encode, s = ${s}`, encodeOnce, take, runs))
    found.push(await fastest(`decode, s = ${s}`, decodeOnce, take, runs))
  }
  return found
}

async function fastest(
  what: string,
  run: () => Promise<unknown>,
  take: () => StageTime[],
  runs: number,
): Promise<Stages> {
  let best: Stages = { what, total: Infinity, stages: [] }
  for (let i = 0; i < runs; i++) {
    take()
    const from = performance.now()
    await run()
    const total = (performance.now() - from) / 1000
    if (total >= best.total) continue
    const stages = take()
    const kernels = stages.reduce((sum, { seconds }) => sum + seconds, 0)
    const rest = { stage: 'outside the kernels', calls: 1, seconds: total - kernels, products: 0 }
    best = { what, total, stages: [...stages, rest] }
  }
  return best
}
