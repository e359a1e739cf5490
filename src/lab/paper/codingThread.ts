/** The thread that `codeSet.ts` starts: codes its part of a set. */
import { parentPort, workerData } from 'node:worker_threads'
import { engineParts } from '../../codec/engineParts.js'
import { loadEngine } from '../../engine/loadEngine.js'
import { codePictures } from './coding.js'
import type { Part, Said } from './codeSet.js'

const { model, set, first, end, choices } = workerData as Part
const say = (said: Said): void => parentPort!.postMessage(said)
const engine = await loadEngine('wasm', engineParts(model))
say(codePictures(engine, model, set, first, end, choices, () => say('picture')))
