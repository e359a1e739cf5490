/** Float tensors by name, with errors that name them. */
import { corrupt } from '../../errors.js'
import type { TensorFile } from '../../network/safetensors.js'

/**
 * Copies of tensors as floats.
 * @throws {DdncError} Corrupt: from the function, if there is none of that name
 */
export const floatsOf =
  (tensors: TensorFile['tensors']) =>
  (name: string): Float32Array => {
    const tensor = tensors.get(name)
    if (!tensor) throw corrupt(`tensor ${name}`, 'missing', 'present')
    return Float32Array.from(tensor.data)
  }

/**
 * What assembles a model out of float tensors.
 * @throws {DdncError} Corrupt: from the function, for a tensor that is missing, has another size, or numbers that are not
 *   finite: the search for a shift would never end, nothing that is not a number fits
 */
export const finitePull =
  (tensors: ReadonlyMap<string, Float32Array>) =>
  (name: string, shape: readonly number[]): Float32Array => {
    const data = tensors.get(name)
    const size = shape.reduce((a, b) => a * b, 1)
    if (data?.length !== size) throw corrupt(`tensor ${name}`, `${data?.length ?? 'no'} numbers`, `${size}`)
    const bad = data.findIndex((x) => !Number.isFinite(x))
    if (bad >= 0) throw corrupt(`tensor ${name}`, `${data[bad]}`, 'finite numbers')
    return data
  }

/**
 * Puts a convolution without a shift, as assembleModel pulls it.
 * @param weights [outputs, inputs, side, side]; they become [outputs, side, side, inputs]
 * @param bias [outputs]
 * @param scales what turns an output per input, and an output, into the engine's
 * @example putConvolution(tensors, 'entry.mix', 1, Float32Array.of(2), 1, Float32Array.of(3), [1, 256])
 */
export function putConvolution(
  tensors: Map<string, Float32Array>,
  name: string,
  side: 1 | 3,
  weights: Float32Array,
  inputs: number,
  bias: Float32Array,
  [scale, biasScale]: readonly [weights: number, bias: number],
): void {
  const taps = side * side
  const turned = new Float32Array(weights.length)
  let to = 0
  for (let o = 0; to < weights.length; o++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let i = 0; i < inputs; i++) turned[to++] = weights[(o * inputs + i) * taps + tap] * scale
    }
  }
  tensors.set(`${name}.weights`, turned)
  tensors.set(
    `${name}.bias`,
    bias.map((b) => b * biasScale),
  )
  tensors.set(`${name}.shift`, new Float32Array(bias.length))
}
