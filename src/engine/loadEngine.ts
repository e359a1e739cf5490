/** Chooses the engine. */
import type { CellTables, Convolution, Engine } from './engine.js'
import { reference } from './reference.js'
import { createWasmEngine } from './wasm/index.js'
import { hasSimd } from './wasm/module.js'

/** What an engine keeps of a model: all its convolutions and layers. */
export type EngineParts = Readonly<{ convolutions: readonly Convolution[]; cellTables: readonly CellTables[] }>

/**
 * An engine for one model and one walk at a time.
 * @param wanted 'wasm' falls back to the reference where there is no WebAssembly SIMD: the numbers are the same
 * @param parts every convolution and layer that will be run
 * @throws {DdncError} as createWasmEngine
 * @example
 * const engine = await loadEngine('wasm', { convolutions: [layer.z, layer.meanScale], cellTables: [layer] })
 * const { h } = engine.workspace({ h: ['int16', 64] })
 */
export async function loadEngine(wanted: 'wasm' | 'reference', parts: EngineParts): Promise<Engine> {
  return wanted === 'wasm' && hasSimd() ? createWasmEngine(parts) : reference
}
