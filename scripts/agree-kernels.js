/**
 * The reference's convolutions against those of the WASM engine: random layers, sizes and modes, numbers at the ends of
 * their ranges as often as within. Every output is compared. Needs dist/ (npm run build).
 *
 * node scripts/agree-kernels.js [layers, default 100000] [seed, default 1]
 */
import { createWasmEngine } from '../dist/engine/wasm/index.js'
import { packConvolution } from '../dist/engine/wasm/pack.js'
import { reference } from '../dist/engine/reference.js'
import { ACTIVATION_MAX, TRUNK_MAX } from '../dist/engine/limits.js'
import { uniformFrom } from '../dist/network/uniform.js'

const LAYERS = Number(process.argv[2] ?? 1e5)
const uniform = uniformFrom(Number(process.argv[3] ?? 1))
/** Layers that one engine holds: to make one costs more than a small layer. */
const BATCH = 200

const integer = (low, high) => low + Math.floor(uniform() * (high - low + 1))
const one = (...values) => values[integer(0, values.length - 1)]
/** Numbers within ±most: any of them, or the ends alone, or the ends and zero. */
function numbers(length, most) {
  const draw = one(
    () => integer(-most, most),
    () => one(-most, most),
    () => one(-most, 0, most),
    () => most,
  )
  return Array.from({ length }, draw)
}

function randomConvolution(index) {
  const side = one(1, 3, 3)
  const inputs = one(integer(1, 40), 4 * integer(1, 10), 128)
  const outputs = inputs === 128 ? integer(1, 16) : integer(1, 40)
  const taps = side * side * inputs
  const wide = one(true, false, false)
  // 8191 · Σ|w| + |bias| + half stays below 2^31, and mostly below the 2^29 of Winograd.
  const limit = Math.floor((2 ** one(29, 29, 31) - 2 ** 22) / ACTIVATION_MAX / taps)
  const most = Math.min(wide ? 32767 : 127, limit)
  return {
    name: `layer ${index}`,
    side,
    inputs,
    outputs,
    weights: (wide ? Int16Array : Int8Array).from(numbers(outputs * taps, most)),
    bias: Int32Array.from(numbers(outputs, 2 ** 20)),
    shift: Uint8Array.from({ length: outputs }, () => integer(0, 20)),
  }
}

function run(engine, convolution, { width, height }, mode, x, out) {
  const arrays = engine.workspace({ x: ['int16', x.length], out: [mode === 'wide' ? 'int32' : 'int16', out.length] })
  arrays.x.set(x)
  arrays.out.set(out)
  if (convolution.side === 3) engine.conv3x3(convolution, arrays.x, { width, height }, mode, arrays.out)
  else engine.conv1x1(convolution, arrays.x, width * height, mode, arrays.out)
  return arrays.out
}

const counts = { direct: 0, winograd: 0, outputs: 0 }
for (let done = 0; done < LAYERS; done += BATCH) {
  const convolutions = Array.from({ length: Math.min(BATCH, LAYERS - done) }, (_, i) => randomConvolution(done + i))
  const engine = await createWasmEngine({ convolutions, cellTables: [] })
  for (const convolution of convolutions) {
    const { side, inputs, outputs } = convolution
    const size = one(
      { width: integer(1, 12), height: integer(1, 9) },
      { width: integer(1, 40), height: integer(1, 3) },
      { width: integer(1, 3), height: integer(1, 40) },
    )
    const { width, height } = size
    const mode = one('activation', 'signed', 'wide', 'accumulate')
    const x = numbers((width + side - 1) * (height + side - 1) * inputs, ACTIVATION_MAX)
    const before = numbers(width * height * outputs, TRUNK_MAX)
    const plain = run(reference, convolution, size, mode, x, before)
    const fast = run(engine, convolution, size, mode, x, before)
    const at = plain.findIndex((value, i) => value !== fast[i])
    if (at >= 0) {
      console.log(JSON.stringify({ side, inputs, outputs, size, mode }), `output ${at}: ${plain[at]}, ${fast[at]}`)
      process.exit(1)
    }
    counts[packConvolution(convolution).winograd ? 'winograd' : 'direct']++
    counts.outputs += plain.length
  }
}
console.log(
  `${LAYERS} layers, ${counts.winograd} of them exact as Winograd, ${counts.direct} direct alone: ${counts.outputs} outputs are equal`,
)
