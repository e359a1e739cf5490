/** `ddnc/worker`: a browser's worker thread, which does what `compress` and `decompress` hand to it. */
import { serveJobs, type ThreadPort } from './codec/threads.js'

serveJobs(globalThis as unknown as ThreadPort)
