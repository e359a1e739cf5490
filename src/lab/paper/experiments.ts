/** All experiments of the paper, by name. */
import type { Experiment } from './experiment.js'
import { toy2d } from './toy2d/toy2d.js'

export const EXPERIMENTS: Readonly<Record<string, Experiment>> = { toy2d }
