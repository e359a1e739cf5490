/** Planes of floats, as the measures of quality see a picture, and what they do to them. */
export type Plane = Readonly<{ width: number; height: number; data: Float32Array }>

export const planeOf = (width: number, height: number, data?: Float32Array): Plane => ({
  width,
  height,
  data: data ?? new Float32Array(width * height),
})

/** @example timesOf(plane, plane) // its squares */
export function timesOf(one: Plane, other: Plane): Plane {
  const product = planeOf(one.width, one.height)
  for (let at = 0; at < product.data.length; at++) product.data[at] = one.data[at] * other.data[at]
  return product
}

/** Half the size: the mean of two by two. Of an odd side the last sample counts twice. */
export function halved({ width, height, data }: Plane): Plane {
  const half = planeOf((width + 1) >> 1, (height + 1) >> 1)
  for (let y = 0; y < half.height; y++) {
    const above = 2 * y * width
    const below = Math.min(2 * y + 1, height - 1) * width
    for (let x = 0; x < half.width; x++) {
      const left = 2 * x
      const right = Math.min(left + 1, width - 1)
      half.data[y * half.width + x] =
        (data[above + left] + data[above + right] + data[below + left] + data[below + right]) / 4
    }
  }
  return half
}

/**
 * A symmetric filter along rows, then along columns; beyond the edges there are zeros.
 * @param kernel its middle and one side of it, outwards
 */
export function filtered({ width, height, data }: Plane, kernel: readonly number[]): Plane {
  const radius = kernel.length - 1
  const across = planeOf(width, height)
  const row = new Float64Array(width + 2 * radius)
  for (let y = 0; y < height; y++) {
    row.set(data.subarray(y * width, (y + 1) * width), radius)
    for (let x = 0; x < width; x++) {
      let sum = kernel[0] * row[x + radius]
      for (let k = 1; k <= radius; k++) sum += kernel[k] * (row[x + radius - k] + row[x + radius + k])
      across.data[y * width + x] = sum
    }
  }
  const down = planeOf(width, height)
  const sums = new Float64Array(width)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    for (let from = Math.max(0, y - radius); from <= Math.min(height - 1, y + radius); from++) {
      const weight = kernel[Math.abs(from - y)]
      const start = from * width
      for (let x = 0; x < width; x++) sums[x] += weight * across.data[start + x]
    }
    down.data.set(sums, y * width)
  }
  return down
}
