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
