/** Pictures of a whole-image walk (SPEC 6.9): int32 [positions, components] in 1/64 grey level, 0 is grey 128. */
import type { Engine, Numbers, Size } from '../engine/engine.js'
import { fold, unfold } from './fold.js'
import type { Picture } from './picture.js'

/** Clamp of a picture: 128 grey levels either way. */
const PICTURE_LIMIT = 8192

export const clampPicture = (x: number): number =>
  x < -PICTURE_LIMIT ? -PICTURE_LIMIT : x > PICTURE_LIMIT ? PICTURE_LIMIT : x

/**
 * Twice the size, bilinear: a pixel lies a quarter of a pixel beside the nearest one of the smaller picture, so it is
 * (9a + 3b + 3c + d) / 16, rounded; edges are repeated.
 * @param picture [height, width, components]
 * @returns [2·height, 2·width, components]
 * @example doubled(engine, Int32Array.of(0, 16), { width: 2, height: 1 }, 1) // 0, 4, 12, 16, twice
 */
export function doubled(engine: Engine, picture: Numbers, { width, height }: Size, components: number): Numbers {
  const out = engine.allocate('int32', 4 * width * height * components)
  let to = 0
  for (let y = 0; y < 2 * height; y++) {
    const row = (y >> 1) * width
    const beside = Math.max(0, Math.min(height - 1, (y >> 1) + (y & 1 ? 1 : -1))) * width
    for (let x = 0; x < 2 * width; x++) {
      const near = x >> 1
      const far = Math.max(0, Math.min(width - 1, near + (x & 1 ? 1 : -1)))
      for (let c = 0; c < components; c++) {
        const at = (position: number): number => picture[position * components + c]
        // At most 16·2^13: exact. round(x / 16) is (x + 8) >> 4.
        out[to++] = engine.round(
          (9 * at(row + near) + 3 * at(row + far) + 3 * at(beside + near) + at(beside + far)) / 16,
        )
      }
    }
  }
  return out
}

/**
 * Encoder only: a picture at a smaller size, every pixel the rounded mean of the pixels that it stands for.
 * @param picture [height, width, components] of `size`
 * @param scale divides both sides
 * @example averaged(engine, Int32Array.of(1, 2, 3, 4), { width: 2, height: 2 }, 1, 2) // 3
 */
export function averaged(engine: Engine, picture: Numbers, size: Size, components: number, scale: number): Numbers {
  if (scale === 1) return picture
  const width = size.width / scale
  const height = size.height / scale
  const out = engine.allocate('int32', width * height * components)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < components; c++) {
        let sum = 0 // ≤ 2^16·2^13
        for (let dy = 0; dy < scale; dy++) {
          const from = (y * scale + dy) * size.width + x * scale
          for (let dx = 0; dx < scale; dx++) sum += picture[(from + dx) * components + c]
        }
        out[(y * width + x) * components + c] = engine.round(sum / scale ** 2)
      }
    }
  }
  return out
}

/**
 * What a walk should reach.
 * @param patch of the model
 * @returns int32 [positions, components·patch²], (pixel − 128)·64
 * @example targetOf(engine, { width: 1, height: 1, components: 1, data: Uint8Array.of(130) }, 1) // 128
 */
export function targetOf(engine: Engine, { width, height, components, data }: Picture, patch: number): Numbers {
  const flat = Int32Array.from(data, (sample) => (sample - 128) * 64)
  const out = engine.allocate('int32', data.length)
  fold(flat, components, { width: width / patch, height: height / patch }, out, patch)
  return out
}

/**
 * The inverse of what `targetOf` does to the order: patches become pixels.
 * @param picture [height, width, components] of the picture inside
 * @example unfolded(engine, Int32Array.of(1, 2, 3, 4), { width: 1, height: 1, components: 4 }, 2) // 1, 2; 3, 4
 */
export function unfolded(
  engine: Engine,
  picture: Numbers,
  { width, height, components }: Size & { components: number },
  patch: number,
): Numbers {
  if (patch === 1) return picture
  const out = engine.allocate('int32', picture.length)
  unfold(picture, components / patch ** 2, { width, height }, out, patch)
  return out
}

/**
 * 8-bit samples of a picture: clip(((x + 32) >> 6) + 128, 0, 255).
 * @example pixelsOf(Int32Array.of(-8192, 31, 32, 8192)) // 0, 128, 129, 255
 */
export const pixelsOf = (picture: Numbers): Uint8Array =>
  Uint8Array.from(picture, (x) => Math.max(0, Math.min(255, Math.floor((x + 32) / 64) + 128)))
