import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadModel } from '../../src/index.js'
import { loadBackend } from '../../src/lab/train/backend.js'
import { drawScreen } from '../../src/lab/train/drawing.js'
import { operations } from '../../src/lab/train/operations.js'
import { beginRun, saveRun } from '../../src/lab/train/run.js'
import { writePicture } from '../../src/node.js'
import { tinyRecipe } from '../lab/train/tiny.js'
import { ddnc } from './run.js'

test('a checkpoint becomes a model, calibrated on what pictures in colour there are', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'ddnc-export-'))
  const ops = operations(await loadBackend('cpu'))
  const data = { photographs: [drawScreen(1, 64)], drawings: [] }
  const recipe = await tinyRecipe({ sizes: [{ from: 0, batch: 1, crop: 16 }] })
  const checkpoint = await saveRun(beginRun(ops, recipe, data, { steps: 1, minutes: null }), 0)
  await writeFile(join(cwd, 'checkpoint.safetensors'), checkpoint)
  const run = () => ddnc(['export', 'checkpoint.safetensors', 'out.ddnm', '--pictures', '.'], { cwd })

  await writeFile(join(cwd, 'b.png'), 'no picture')
  const grey = { width: 9, height: 9, components: 1, data: new Uint8Array(81) } as const
  await writeFile(join(cwd, 'c.png'), await writePicture(grey, 'png'))
  const none = await run()
  expect({ code: none.code, stderr: none.stderr }).toMatchObject({ code: 2 })
  expect(none.stderr).toContain('no picture in colour among 2')

  await writeFile(join(cwd, 'a.png'), await writePicture(drawScreen(2, 80), 'png'))
  const { code, stdout, stderr } = await run()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.toString()).toMatch(/b\.png is skipped: [^]*s = 65 .* ± [\d.]+ dB .* % rate/)
  expect((await loadModel(await readFile(join(cwd, 'out.ddnm')))).name).toBe('tiny')
})
