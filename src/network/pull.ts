/** Parts that every network is made of, out of its tensors by their names (SPEC 4.3). */
import type { Convolution, Numbers, Quadratic } from '../engine/engine.js'
import type { Block } from './model.js'
import type { BlockStructure } from './structureFields.js'

export type TensorType = 'I8' | 'U8' | 'I16' | 'I32'

/** Gives the tensor of a name; it must have this shape and, in an integer model, one of these types. */
export type Pull = (name: string, shape: readonly number[], types: readonly TensorType[]) => Numbers

/** A convolution of a model, how its input is clipped, and whether its outputs are added to other numbers. */
export type ConvolutionUse = Readonly<{
  convolution: Convolution
  /** `rectified` to 0…8191, `signed` to ±8191. */
  input: 'rectified' | 'signed'
  accumulates: boolean
}>

export function pullConvolution(name: string, side: 1 | 3, inputs: number, outputs: number, pull: Pull): Convolution {
  return {
    name,
    side,
    inputs,
    outputs,
    weights: pull(`${name}.weights`, [outputs, side, side, inputs], ['I8', 'I16']),
    bias: pull(`${name}.bias`, [outputs], ['I32']),
    shift: pull(`${name}.shift`, [outputs], ['U8']),
  }
}

export function pullQuadratic(name: string, channels: number, pull: Pull): Quadratic {
  return { name, channels, coefficients: pull(name, [3, channels], ['I32']) }
}

/** @param hasLambda whether the block's input has a λ bias */
export function pullBlock(
  { hidden, inputShift }: BlockStructure,
  name: string,
  channels: number,
  hasLambda: boolean,
  pull: Pull,
): Block {
  return {
    lambda: hasLambda ? pullQuadratic(`${name}.lambda`, channels, pull) : null,
    inputShift,
    hidden: pullConvolution(`${name}.hidden`, 3, channels, hidden, pull),
    output: pullConvolution(`${name}.output`, 1, hidden, channels, pull),
  }
}

export const rectified = (convolution: Convolution, accumulates = false): ConvolutionUse => ({
  convolution,
  input: 'rectified',
  accumulates,
})

export const signed = (convolution: Convolution, accumulates = true): ConvolutionUse => ({
  convolution,
  input: 'signed',
  accumulates,
})

export const convolutionsOfBlock = ({ hidden, output }: Block): ConvolutionUse[] => [
  rectified(hidden),
  rectified(output, true),
]
