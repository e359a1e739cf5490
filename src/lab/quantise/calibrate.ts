/** Ranges of every tensor between two convolutions, from float walks over pictures. */
import type { Engine, Numbers } from '../../engine/engine.js'
import type { CellGridModel } from '../../network/model.js'
import type { Picture } from '../../network/picture.js'
import { encoderOf } from './encoderWalk.js'
import { floatEngine } from './floatEngine.js'

/**
 * By the name of a convolution, in engine units: largest |input|, and largest |output| of every channel before a clip.
 */
export type Ranges = Readonly<{ input: Map<string, number>; output: Map<string, Float64Array> }>

/** Steps of λ at which every picture is walked: the range, both ends included. */
const STEPS = [0, 15, 30, 45, 60, 73]

/**
 * @param pictures small ones, about 128×128: floats run at half a GMAC a second
 * @param onPicture told the share done after every walk
 * @example const ranges = calibrate(float.model, pictures)
 */
export function calibrate(
  model: CellGridModel,
  pictures: readonly Picture[],
  onPicture: (fraction: number) => void = () => {},
): Ranges {
  const { engine, ranges } = observing(floatEngine)
  pictures.forEach((picture, i) => {
    const encode = encoderOf(engine, model, picture)
    STEPS.forEach((s, j) => {
      encode(s, (candidates) => candidates.frequencies()) // the prior's ranges too, where the guide asks for none
      onPicture((i * STEPS.length + j + 1) / (pictures.length * STEPS.length))
    })
  })
  return ranges
}

/** The same engine, and the ranges of what enters and leaves its convolutions: they grow with every walk. */
export function observing(engine: Engine): { engine: Engine; ranges: Ranges } {
  const input = new Map<string, number>()
  const output = new Map<string, Float64Array>()
  const noteInput = (name: string, x: Numbers, length: number): void => {
    let most = input.get(name) ?? 0
    for (let i = 0; i < length; i++) most = Math.max(most, Math.abs(x[i]))
    input.set(name, most)
  }
  const noteOutput = (name: string, channels: number, out: Numbers, length: number): void => {
    const most = output.get(name) ?? new Float64Array(channels)
    for (let i = 0; i < length; i++) most[i % channels] = Math.max(most[i % channels], Math.abs(out[i]))
    output.set(name, most)
  }
  const observed: Engine = {
    ...engine,
    conv3x3(convolution, x, size, mode, out) {
      const { name, inputs, outputs } = convolution
      noteInput(name, x, (size.width + 2) * (size.height + 2) * inputs)
      engine.conv3x3(convolution, x, size, mode, out)
      if (mode === 'activation' || mode === 'signed') noteOutput(name, outputs, out, size.width * size.height * outputs)
    },
    conv1x1(convolution, x, positions, mode, out) {
      const { name, inputs, outputs } = convolution
      noteInput(name, x, positions * inputs)
      engine.conv1x1(convolution, x, positions, mode, out)
      if (mode === 'activation' || mode === 'signed') noteOutput(name, outputs, out, positions * outputs)
    },
  }
  return { engine: observed, ranges: { input, output } }
}
