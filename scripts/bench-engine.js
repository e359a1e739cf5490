/**
 * Speed of the WASM engine on one thread. GMAC/s of the photo model's convolutions beside the machine's own bound: the
 * kernel's inner loop on numbers that stay in the first cache (a Winograd convolution counts the multiplications of the
 * direct one, of which it makes 4 of 9). Nanoseconds per entry of the other kernels. Then each stage's share of an
 * encoding and a decoding. Best of several. Needs dist/ (npm run build).
 *
 * node scripts/bench-engine.js [milliseconds per line] [picture]
 */
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { DEFAULT_QUALITY, stepOfQuality } from '../dist/codec/lambda.js'
import { columns } from '../dist/columns.js'
import { createWasmEngine } from '../dist/engine/wasm/index.js'
import { packConvolution } from '../dist/engine/wasm/pack.js'
import { stagesOf } from '../dist/lab/bench/stages.js'
import { readPicture, shippedModel } from '../dist/node.js'

const BUDGET = Number(process.argv[2] ?? 400)
/** Steps of λ: low rate, the default quality, high rate. */
const STEPS = [65, stepOfQuality(DEFAULT_QUALITY), 10]
const PICTURE = process.argv[3] ?? fileURLToPath(new URL('../corpus/raccoon.png', import.meta.url))
/** Inputs, outputs, side, width, height. */
const CONVOLUTIONS = [
  [128, 64, 3, 96, 64],
  [128, 64, 3, 13, 9],
  [64, 128, 1, 96, 64],
  [128, 32, 1, 96, 64],
  [128, 128, 1, 96, 64],
  [128, 896, 1, 96, 64],
  [128, 8, 1, 96, 64],
  [128, 384, 1, 96, 64],
  [12, 128, 1, 96, 64],
  [192, 128, 1, 96, 64],
  [576, 128, 1, 12, 8],
  [128, 1024, 1, 12, 8],
  [16, 128, 1, 96, 64],
  [3, 128, 3, 96, 64],
  [128, 192, 1, 96, 64],
  [128, 256, 1, 96, 64],
  [12, 16, 3, 384, 256],
  [16, 16, 1, 384, 256],
  [16, 16, 3, 384, 256],
  [16, 12, 3, 384, 256],
]
/** 32 positions, 8 outputs after the other: the inner loop of the kernels on 20 kB, and little else. */
const RESIDENT = [256, 32, 1, 32, 1]
/** r, K, n, rank */
const LAYERS = [
  [16, 65, 1, 8],
  [32, 33, 1, 4],
  [64, 17, 1, 4],
  [64, 9, 1, 4],
  [16, 2, 5, 4],
]

const random = (low, high) => low + Math.floor(Math.random() * (high - low + 1))
const fill = (array, low, high) => array.forEach((_, i) => (array[i] = random(low, high)))

/** Seconds of the fastest of as many runs as fit into the budget. */
function fastest(run) {
  run()
  let best = Infinity
  for (const end = performance.now() + BUDGET; performance.now() < end;) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best / 1000
}

const say = (what, value, unit) => console.log(`${what.padEnd(44)} ${value.toFixed(2).padStart(8)} ${unit}`)

console.log(`${cpus()[0].model}, Node ${process.version}, one thread`)

/** GMAC/s of a convolution of random numbers. */
async function speed([inputs, outputs, side, width, height], mode) {
  const convolution = {
    name: 'bench',
    side,
    inputs,
    outputs,
    weights: Int8Array.from({ length: inputs * outputs * side * side }, () => random(-40, 40)),
    bias: new Int32Array(outputs),
    shift: Uint8Array.from({ length: outputs }, () => random(6, 9)),
  }
  const engine = await createWasmEngine({ convolutions: [convolution], cellTables: [] })
  const margin = side - 1
  const { x, out } = engine.workspace({
    x: ['int16', (width + margin) * (height + margin) * inputs],
    out: [mode === 'wide' ? 'int32' : 'int16', width * height * outputs],
  })
  fill(x, 0, 8191)
  const seconds = fastest(() =>
    side === 3
      ? engine.conv3x3(convolution, x, { width, height }, mode, out)
      : engine.conv1x1(convolution, x, width * height, mode, out),
  )
  const gmacs = (width * height * inputs * outputs * side * side) / seconds / 1e9
  return { gmacs, winograd: packConvolution(convolution).winograd }
}

// The bound is measured beside every line, and its best taken: a shared machine has good and bad moments.
let bound = 0
const lines = []
for (const shape of CONVOLUTIONS) {
  const [inputs, outputs, side, width, height] = shape
  for (const mode of side === 3 ? ['activation'] : ['wide', 'accumulate']) {
    bound = Math.max(bound, (await speed(RESIDENT, 'activation')).gmacs)
    const { gmacs, winograd } = await speed(shape, mode)
    const name = `${side}×${side} ${inputs}→${outputs} ${width}×${height} ${mode}${winograd ? ', Winograd' : ''}`
    lines.push({ name, gmacs, products: winograd ? 2.25 : 1 })
  }
}
const table = lines.map(({ name, gmacs, products }) => {
  const most = bound * products
  return [name, gmacs.toFixed(1), most.toFixed(1), `${((100 * gmacs) / most).toFixed(0)} %`]
})
for (const line of columns([['convolution', 'GMAC/s', 'bound', 'share of it'], ...table])) console.log(line)

for (const [r, K, n, rank] of LAYERS) {
  const size = { width: 48, height: 32 }
  const leaves = K ** n
  const rows = (K * (leaves - 1)) / (K - 1)
  const middle = (i) => (i % rows) - (rows - leaves) - (leaves >> 1)
  const layer = {
    first: 0,
    end: r,
    K,
    n,
    leaves,
    rows,
    rank,
    cells: 'all',
    escape: false,
    priorShift: 10,
    u: Int16Array.from({ length: r * rows }, (_, i) => 256 * middle(i)),
    priorTable: Int16Array.from({ length: r * rows * rank }, () => random(-300, 300)),
    priorBias: Int32Array.from({ length: r * rows }, (_, i) => -60000 * Math.abs(middle(i))),
    scaleBase: new Int32Array(r),
  }
  const positions = size.width * size.height
  const cells = positions * r
  const engine = await createWasmEngine({ convolutions: [], cellTables: [layer] })
  const {
    z,
    heads,
    mean,
    sigma,
    frequencies,
    target,
    leaves: chosen,
    counts,
    sum,
    features,
  } = engine.workspace({
    z: ['int16', cells * rank],
    heads: ['int32', 2 * cells],
    mean: ['int32', cells],
    sigma: ['int32', cells],
    frequencies: ['uint16', cells * rows],
    target: ['int32', cells],
    leaves: ['uint16', cells],
    counts: ['uint16', cells],
    sum: ['int32', cells],
    features: ['int16', 3 * cells],
  })
  fill(z, -2000, 2000)
  fill(heads, -100, 100)
  fill(target, -300, 300)
  const weights = new Float64Array(r).fill(1)
  const choices = { leaves: chosen, counts, last: false }
  const all = { mean, sigma, frequencies }
  const outside = Int32Array.from(target)
  const bias = new Int32Array(r)
  const name = `r=${r} K=${K} n=${n} rank=${rank}`
  const time = (what, entries, run) => say(`${name} ${what}`, (fastest(run) / entries) * 1e9, 'ns an entry')
  time('frequencies', cells * rows, () => engine.frequencies(layer, z, positions, frequencies))
  time('splitHeads (cells)', cells, () => engine.splitHeads(layer, heads, bias, 153600, positions, mean, sigma))
  time('cheapest (leaves)', cells * leaves, () =>
    engine.cheapest(layer, all, outside, weights, null, 500, 153600, size, choices),
  )
  time('apply (cells)', cells, () => engine.apply(layer, all, choices, 153600, size, r, sum, features))
}

{
  const size = { width: 96, height: 64 }
  const engine = await createWasmEngine({ convolutions: [], cellTables: [] })
  const { h, out } = engine.workspace({ h: ['int16', 96 * 64 * 128], out: ['int16', 98 * 66 * 128] })
  const bias = new Int32Array(128)
  const time = (what, run) => say(`${what} 128 channels`, (fastest(run) / h.length) * 1e9, 'ns an entry')
  time('rectify', () => engine.rectify(h, bias, 3, 128, size, true, out))
  time('narrow', () => engine.narrow(h, 3, 128, size, out))
}

const model = await shippedModel('photo')
const { picture } = await readPicture(await readFile(PICTURE))
for (const { what, total, stages } of await stagesOf(model, picture, STEPS, Math.max(2, BUDGET / 100))) {
  console.log(`\n${what}: ${(1000 * total).toFixed(0)} ms`)
  const rows = stages.map(({ stage, calls, seconds, products }) => [
    stage,
    calls,
    (1000 * seconds).toFixed(1),
    `${((100 * seconds) / total).toFixed(1)} %`,
    products > 0 ? (products / seconds / 1e9).toFixed(1) : '',
  ])
  for (const line of columns([['stage', 'calls', 'ms', 'share', 'GMAC/s'], ...rows])) console.log(line)
}
