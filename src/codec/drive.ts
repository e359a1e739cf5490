/** Runs the synchronous work of a walk without blocking: reports, pauses, stops. */

/** How long the event loop may wait, in milliseconds. */
const SLICE = 30

export type DriveOptions = {
  /** Aborting rejects with the signal's reason at the next layer. */
  signal?: AbortSignal | undefined
  /** Called with the share of the work done, 0…1. */
  onProgress?: ((fraction: number) => void) | undefined
}

/**
 * @param work yields the share done
 * @returns what `work` returns
 * @throws what `work` throws; the signal's reason
 * @example await drive(reconstruct(engine, model, task, guideOf), { signal: AbortSignal.timeout(1000) })
 */
export async function drive<Result>(
  work: Generator<number, Result>,
  { signal, onProgress }: DriveOptions,
): Promise<Result> {
  let pause = performance.now() + SLICE
  for (;;) {
    signal?.throwIfAborted()
    const step = work.next()
    if (step.done) return step.value
    onProgress?.(step.value)
    if (performance.now() > pause) {
      await turn()
      pause = performance.now() + SLICE
    }
  }
}

/** Lets the event loop take a turn. Node's timers would wait a millisecond, in all 3 % of a decode. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve)
  })
