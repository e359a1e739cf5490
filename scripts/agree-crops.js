/**
 * Reference against WASM on whole files: random crops of photographs, with random sizes, steps of λ, tiles and threads.
 * Both engines must write the same file, and every engine and number of threads must decode it to the same pixels.
 * Stops at the first difference. Needs dist/ (npm run build).
 *
 * node scripts/agree-crops.js --data DIR [--crops 1000] [--model photo] [--seed 1] [--side 96]
 */
import { parseArgs } from 'node:util'
import { compressWithReport, decompress, shippedModel, threads } from '../dist/node.js'
import { cropped } from '../dist/codec/pixels.js'
import { lambdaOf } from '../dist/codec/lambda.js'
import { MAX_LAMBDA_STEP } from '../dist/engine/limits.js'
import { picturesOf } from '../dist/lab/bench/pictures.js'
import { uniformFrom } from '../dist/network/uniform.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    crops: { type: 'string', default: '1000' },
    model: { type: 'string', default: 'photo' },
    seed: { type: 'string', default: '1' },
    side: { type: 'string', default: '96' },
  },
})
if (values.data === undefined) throw new Error('--data DIR is needed')
const CROPS = Number(values.crops)
const uniform = uniformFrom(Number(values.seed))
const integer = (low, high) => low + Math.floor(uniform() * (high - low + 1))
const one = (...of) => of[integer(0, of.length - 1)]

const model = await shippedModel(values.model)
const pictures = []
for await (const named of picturesOf(values.data)) pictures.push(named)

/** The crop's samples, now and then only one component, or black and white alone: what no photograph has. */
function randomCrop() {
  const { name, picture } = one(...pictures)
  const side = () => integer(1, Math.min(Number(values.side), picture.width, picture.height))
  const area = { x: 0, y: 0, width: side(), height: side() }
  area.x = integer(0, picture.width - area.width)
  area.y = integer(0, picture.height - area.height)
  const data = cropped(picture.data, picture.width, picture.components, area)
  const hard = uniform() < 0.1
  return {
    where: `${name} ${area.x},${area.y},${area.width},${area.height}${hard ? ', black and white' : ''}`,
    picture: {
      width: area.width,
      height: area.height,
      components: picture.components,
      data: hard ? data.map((value) => (value < 128 ? 0 : 255)) : data,
    },
  }
}

const same = (a, b) => Buffer.compare(a, b) === 0
const began = performance.now()
let [pixels, bytes] = [0, 0]
for (let i = 0; i < CROPS; i++) {
  const { where, picture } = randomCrop()
  const s = integer(0, MAX_LAMBDA_STEP)
  const tileSide = one(0, 64)
  const options = { model, lambda: lambdaOf(s), tileSide }
  const fast = await compressWithReport(picture, options)
  const plain = await compressWithReport(picture, { ...options, engine: 'reference' })
  const fail = (what) => {
    console.log(`${where}, step ${s}, tiles of ${tileSide}: ${what}`)
    process.exit(1)
  }
  if (!same(fast.file, plain.file)) fail('the files differ')
  if (!same(fast.reconstruction.data, plain.reconstruction.data)) fail('the encoders see different pixels')
  for (const count of [1, one(2, 3)])
    for (const engine of count === 1 ? ['wasm', 'reference'] : [one('wasm', 'wasm', 'reference')]) {
      const { data } = await decompress(fast.file, { model, engine, workers: threads(count) })
      if (!same(data, fast.reconstruction.data)) fail(`${engine} with ${count} threads decodes other pixels`)
    }
  pixels += picture.width * picture.height
  bytes += fast.file.length
  if ((i + 1) % 50 === 0) console.log(`${i + 1} crops, ${((performance.now() - began) / 1000).toFixed(0)} s`)
}
console.log(
  `${CROPS} crops of ${pictures.length} pictures with model ${model.name}, ${pixels} pixels, ${bytes} bytes: ` +
    'files and pixels of both engines are equal, whatever the threads',
)
