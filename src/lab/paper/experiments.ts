/** All experiments of the paper, by name. */
import { join } from 'node:path'
import { writeCompression } from './compression.js'
import { writePng, type Experiment } from './experiment.js'
import { codeAll, codedBy, firstOf, setsOf } from './judged.js'
import { accuracies, LABELLED, lengthsFor, writeLatents, type LatentsOf } from './latents.js'
import { beginningsOf } from './paths.js'
import { peerPoints } from './peers.js'
import { writeSplitPrune } from './splitprune.js'
import { toy2d } from './toy2d/toy2d.js'
import { modelsFor } from './trained.js'
import { drawnDepth, treeOf } from './tree.js'
import { stepsOf } from '../../network/wholeModel.js'

const compression: Experiment = {
  summary: 'bits of a path against error, with other codecs beside; entropy of each choice',
  async run(options, say) {
    const { test } = await setsOf(options)
    const models = await modelsFor('compression', options, say)
    const coded = await codeAll(models, test, options, say)
    say(`JPEG, WebP and PNG of ${test.count} pictures`)
    const peers = await peerPoints(test, join(options.out, 'peers'), options.signal)
    await writeCompression(coded, peers, test, options.out, say)
  },
}

const latents: Experiment = {
  summary: 'table 3: classes told by paths, some of which have labels',
  async run(options, say) {
    const { training, test } = await setsOf(options)
    const pool = firstOf(training, LABELLED)
    const models = await modelsFor('latents', options, say)
    const { out, seed } = options
    const all: LatentsOf[] = []
    for (const { model } of models) {
      const lengths = lengthsFor(model.K, stepsOf(model).length)
      const most = Math.max(...lengths)
      say(`${model.name}: paths of ${pool.count} and ${test.count} pictures, ${most} choices`)
      const [learned, judged] = [await codedBy(model, pool, options, most), await codedBy(model, test, options, most)]
      const classes = 1 + Math.max(...test.labels!)
      for (const length of lengths) {
        const [known, asked] = [learned, judged].map(({ paths }) => beginningsOf(paths, length))
        const own = accuracies({ paths: known, labels: pool.labels! }, { paths: asked, labels: test.labels! }, classes, seed) // prettier-ignore
        all.push({ model, length, accuracies: own })
      }
    }
    await writeLatents(all, out, say)
  },
}

const tree: Experiment = {
  summary: 'figures 1b, 6 and 19: the tree of all paths as a picture',
  async run(options, say) {
    for (const { model, variant } of await modelsFor('tree', options, say)) {
      await writePng(options.out, `tree-${variant}`, await treeOf(model, drawnDepth(model), 0))
    }
  },
}

const splitprune: Experiment = {
  summary: 'figure 10: use of candidates with Split-and-Prune, with balancing and with neither',
  async run(options, say) {
    const { test } = await setsOf(options)
    const models = await modelsFor('splitprune', options, say)
    await writeSplitPrune(await codeAll(models, test, options, say), options.out, say)
  },
}

export const EXPERIMENTS: Readonly<Record<string, Experiment>> = { toy2d, compression, latents, tree, splitprune }
