/** Node's worker thread, which does what `compress` and `decompress` hand to it. */
import { parentPort } from 'node:worker_threads'
import { serveJobs, type ThreadPort } from '../codec/threads.js'

serveJobs(parentPort as unknown as ThreadPort)
