/** WebGPU's way to a GPU. Browsers have it, and Deno; in Node the package `webgpu` brings it, a peer if it is wanted. */

/** What is asked of WebGPU's own types, which TypeScript's library lacks. */
type Info = Readonly<{ vendor: string; architecture: string; description: string; isFallbackAdapter?: boolean }>
type Gpu = Readonly<{
  requestAdapter(options?: { powerPreference: string }): Promise<Readonly<{ info?: Info }> | null>
}>
type Dawn = Readonly<{ create(flags: string[]): Gpu; globals: Record<string, unknown> }>

export type Adapter = Readonly<{
  /** As the driver calls it. */
  description: string
  /** Runs on the CPU. */
  isSoftware: boolean
}>

/** Not a literal: it need not be installed to compile this. */
const DAWN: string = 'webgpu'

/** `navigator.gpu`; where there is none, it is made of the package `webgpu`. Null if that is not installed either. */
export async function findGpu(): Promise<Gpu | null> {
  return (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu ?? (await gpuOfPackage())
}

/**
 * The fastest GPU that `navigator.gpu` offers.
 * @returns null if there is none
 * @example const { description } = (await findAdapter()) ?? { description: 'no GPU' }
 */
export async function findAdapter(): Promise<Adapter | null> {
  const gpu = await findGpu()
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  if (!adapter) return null
  const { vendor = '', architecture = '', description = '', isFallbackAdapter = false } = adapter.info ?? {}
  return {
    description: description || `${vendor} ${architecture}`.trim() || 'a GPU without a name',
    isSoftware: isFallbackAdapter || architecture === 'software' || /llvmpipe|SwiftShader/i.test(description),
  }
}

async function gpuOfPackage(): Promise<Gpu | null> {
  try {
    const { create, globals } = (await import(DAWN)) as Dawn
    const gpu = create([])
    Object.assign(globalThis, globals)
    const navigator = globalThis.navigator as object | undefined
    if (navigator) Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true })
    else Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: '' }, configurable: true })
    return gpu
  } catch {
    return null // not installed, or not for this machine
  }
}
