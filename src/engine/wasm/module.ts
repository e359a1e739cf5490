/** The compiled kernels: text to module, once per process. */
import { KERNELS } from './binary.js'

type Address = number

/** Exports of assembly/index.ts; addresses are bytes of the instance's memory. See there for shapes. */
export type Kernels = {
  freeFrom(): Address
  packWeights(
    from: Address, bytes: number, runs: number, runLength: number, outputs: number, to: Address,
  ): void
  rectify(
    h: Address, bias: Address, shift: number, channels: number, width: number, height: number, border: number,
    out: Address,
  ): void
  narrow(x: Address, shift: number, channels: number, width: number, height: number, out: Address): void
  convolve3x3(
    x: Address, weights: Address, constants: Address, out: Address, width: number, height: number,
    inputs: number, outputs: number, mode: number,
  ): void
  winograd3x3(
    x: Address, weights: Address, constants: Address, out: Address, width: number, height: number,
    inputs: number, outputs: number, mode: number, scratch: Address,
  ): void
  winogradScratch(inputs: number, outputs: number): number
  convolve1x1(
    x: Address, weights: Address, constants: Address, out: Address, positions: number,
    inputs: number, outputs: number, mode: number,
  ): void
  splitHeads(
    heads: Address, scaleBias: Address, scaleBase: Address, limit: number, r: number, positions: number,
    mean: Address, sigma: Address,
  ): void
  frequencies(
    table: Address, z: Address, e: Address, r: number, K: number, rows: number, rank: number, shift: number,
    positions: number, out: Address,
  ): void
  cheapest(
    u: Address, sigmas: Address, log2: Address, r: number, K: number, leaves: number, rows: number, parity: number,
    escape: number, means: Address, sigmaRows: Address, frequencies: Address, targets: Address, weights: Address,
    importance: Address, lambda: number, limit: number, width: number, height: number,
    outLeaves: Address, outCounts: Address,
  ): void
  apply(
    u: Address, sigmas: Address, logs: Address, coarse: number, r: number, leaves: number, rows: number, parity: number,
    means: Address, sigmaRows: Address, leafOf: Address, countOf: Address, limit: number, width: number, height: number,
    stride: number, sum: Address, features: Address,
  ): void
}

/** A module of one function that uses a 128-bit vector: valid where SIMD is. */
// prettier-ignore
const SIMD_PROBE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // \0asm, version 1
  1, 5, 1, 96, 0, 1, 123, // type: () → v128
  3, 2, 1, 0, // one function of it
  10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11, // i32.const 0, i8x16.splat, i8x16.popcnt
)

/** Can this machine run the kernels? */
export const hasSimd = (): boolean => typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE)

/** Base64 to bytes, in browsers and Node alike. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i) // from() with a function: ten times as long
  return bytes
}

let compiled: Promise<WebAssembly.Module> | undefined

/** An instance of the kernels on a memory. Compiles at the first call only. */
export async function instantiate(memory: WebAssembly.Memory): Promise<Kernels> {
  // Where Node awaits nothing but a compilation it waits for all work in the background; that may wait for a garbage
  // collection, which only this thread can make: Node 20 hangs. With a timer it goes on taking turns.
  const awake = setInterval(() => {}, 1000)
  try {
    compiled ??= WebAssembly.compile(fromBase64(KERNELS))
    const { exports } = await WebAssembly.instantiate(await compiled, { env: { memory } })
    return exports as Kernels
  } finally {
    clearInterval(awake)
  }
}
