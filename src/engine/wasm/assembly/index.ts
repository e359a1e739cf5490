export { convolve1x1, convolve3x3 } from './convolve'
export { winograd3x3, winogradInputs, winogradOutputs, winogradScratch, winogradWeights } from './winograd'
export { packWeights } from './pack'
export { narrow, rectify, splitHeads } from './pointwise'
export { frequencies } from './prior'
export { cheapest } from './choose'
export { apply } from './apply'

/** First byte behind the kernels' own buffers. */
export function freeFrom(): usize {
  return __heap_base
}
