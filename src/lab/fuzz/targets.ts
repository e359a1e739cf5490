/** The targets by their names. */
import { container } from './container.js'
import { metadata } from './metadataTarget.js'
import { model } from './modelTarget.js'
import { microTarget, photoTarget } from './pictureTarget.js'
import { plain } from './plainTarget.js'
import { rans } from './ransTarget.js'
import type { Target } from './target.js'

const TARGETS: Readonly<Record<string, () => Target | Promise<Target>>> = {
  container: () => container,
  rans: () => rans,
  plain: () => plain,
  metadata: () => metadata,
  micro: microTarget,
  photo: photoTarget,
  model: () => model,
}

/**
 * Of `photo` the models are read, of `micro` they are made; sound files of both are encoded first.
 * @throws {Error} for a name that is none
 * @example await openTarget('rans')
 */
export async function openTarget(name: string): Promise<Target> {
  const open = TARGETS[name]
  if (open === undefined) throw new Error(`no target ${name}; there are ${Object.keys(TARGETS).join(', ')}`)
  return open()
}
