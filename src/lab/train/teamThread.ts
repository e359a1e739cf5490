/** The thread that `teammates.ts` starts: takes every step of a run with the others, until it is ended. */
import { workerData } from 'node:worker_threads'
import { DdncError } from '../../errors.js'
import { loadBackend } from './backend.js'
import { operations } from './operations.js'
import { resumeRun } from './run.js'
import { trainStep } from './step.js'
import { fail, memberOf, TeamFailed } from './team.js'
import { READY, type Mission, type Said } from './teammates.js'

const { common, index, backend, checkpoint, data, port } = workerData as Mission
const say = (what: Said): void => port.postMessage(what)
try {
  const ops = operations(await loadBackend(backend, { threads: 1 }))
  const rehearsal = resumeRun(ops, checkpoint)
  await trainStep(ops, rehearsal, data)
  rehearsal.adam.dispose()
  const run = resumeRun(ops, checkpoint)
  const team = memberOf(common, index)
  say(READY)
  for (;;) await trainStep(ops, run, data, team)
} catch (error) {
  try {
    if (error instanceof DdncError) say({ fault: error.fault })
    else if (!(error instanceof TeamFailed)) say({ message: String(error instanceof Error ? error.stack : error) })
  } finally {
    fail(common)
  }
}
