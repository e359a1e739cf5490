/** Where the time of a training step goes, by the kernels of native TensorFlow. */
import type { Tensorflow } from '../train/backend.js'

/** Time of kernels of one kind, over all steps of a profile. */
export type KernelTime = Readonly<{ kind: string; calls: number; seconds: number }>

/** Kernels by TensorFlow's names; all others are passes over numbers. */
const KINDS: readonly (readonly [kind: string, names: RegExp])[] = [
  ['convolutions 3×3', /^Conv2D/],
  ['matrix products: 1×1 convolutions, prior, distances, transform', /MatMul/],
  ['Adam', /^ResourceApplyAdam|^L2Loss/],
  ['moving: transpose, concatenate, split, slice, pad, gather', /^(Transpose|Concat|Split|Slice|Pad|Gather|Pack|Tile)/],
  ['views and constants: reshape, range, fill, read', /^(Reshape|Range|Fill|ReadVariable|ZerosLike|Identity)/],
  ['sums, largest, least', /^(Sum|Max|Min|UnsortedSegmentSum|All|Any)$/],
]
const PASSES = 'passes: add, multiply, exp, log, compare, clamp'

/** What the native backend runs kernels by. */
type Binding = { executeOp(name: string, ...rest: unknown[]): unknown }

/**
 * Runs something and times its kernels, each a call that returns when it is done.
 * @param tf with the backend `tensorflow`, on a CPU
 * @returns by kind, the longest first
 * @example const times = await kernelTimes(tf, async () => void (await trainStep(ops, run, data)))
 */
export async function kernelTimes(tf: Tensorflow, run: () => Promise<void>): Promise<KernelTime[]> {
  const backend = tf.backend() as unknown as { binding: Binding }
  const { binding } = backend
  const times = new Map<string, { calls: number; seconds: number }>()
  // The addon's object cannot be changed: another stands before it.
  const timed = Object.fromEntries(
    Object.getOwnPropertyNames(binding).map((name) => [name, binding[name as keyof Binding]]),
  ) as unknown as Binding
  timed.executeOp = (name, ...rest) => {
    const from = performance.now()
    const outputs = binding.executeOp(name, ...rest)
    const kind = kindOf(name)
    const before = times.get(kind) ?? { calls: 0, seconds: 0 }
    times.set(kind, { calls: before.calls + 1, seconds: before.seconds + (performance.now() - from) / 1000 })
    return outputs
  }
  backend.binding = timed
  try {
    await run()
  } finally {
    backend.binding = binding
  }
  return [...times].map(([kind, time]) => ({ kind, ...time })).sort((a, b) => b.seconds - a.seconds)
}

/** @example kindOf('Conv2DBackpropFilter') // 'convolutions 3×3' */
export const kindOf = (name: string): string => KINDS.find(([, names]) => names.test(name))?.[0] ?? PASSES

/**
 * The speed of a PyTorch reference that prints lines of `step seconds s …`, between two of its lines.
 * @returns steps a second; null before there are two lines
 * @example stepsPerSecond('200 42 s log loss 1.7\n400 82 s log loss 1.1\n') // 5
 */
export function stepsPerSecond(log: string): number | null {
  const lines = [...log.matchAll(/^(\d+) (\d+) s /gm)].map(([, step, seconds]) => [Number(step), Number(seconds)])
  if (lines.length < 2) return null
  const [first, last] = [lines[0], lines[lines.length - 1]]
  return (last[0] - first[0]) / (last[1] - first[1])
}
