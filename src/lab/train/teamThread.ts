/** The thread that `teammates.ts` starts: takes every step of a run with the others, until it is ended. */
import { workerData } from 'node:worker_threads'
import { loadBackend } from './backend.js'
import { operations } from './operations.js'
import { resumeRun } from './run.js'
import { trainStep } from './step.js'
import { fail, memberOf } from './team.js'
import type { Mission } from './teammates.js'

const { common, index, backend, checkpoint, data, port } = workerData as Mission
try {
  const ops = operations(await loadBackend(backend, { threads: 1 }))
  const run = resumeRun(ops, checkpoint)
  const team = memberOf(common, index)
  for (;;) await trainStep(ops, run, data, team)
} catch (error) {
  port.postMessage(error)
  fail(common)
}
