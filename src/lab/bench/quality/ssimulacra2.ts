/**
 * SSIMULACRA 2 (Jon Sneyers, version 2.1 of April 2023): a port of the reference implementation,
 * github.com/cloudinary/ssimulacra2, Copyright Jon Sneyers, Cloudinary, BSD 3-Clause. Its recursive Gaussian has a finite
 * impulse response, which is what is computed here; in doubles, where the reference has floats, whose rounding costs its
 * score up to 0.3 points where large parts of a picture are flat.
 */
import type { Picture } from '../../../index.js'
import { filtered, halved, planeOf, timesOf, type Plane } from './planes.js'

/** By component and scale: of the 1-norm, then of the 4-norm: SSIM map, artefacts, lost detail. */
// prettier-ignore
const WEIGHTS = [
  // X
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0,
  0, 0.0004371155730107379, 0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
  0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
  0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0,
  0.0007289346991508072, 0.9677937080626833, 0, 0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
  0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0,
  // Y
  0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
  0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
  225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
  176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
  0, 0, 0, 34.77906344483772, 44.835625328877896, 0,
  0, 0, 0, 0, 0, 0,
  // B − Y
  0, 0.0008680556573291698, 0, 0, 0, 0,
  0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0,
  0, 0, 0, 0.0004179171803251336, 0.0017290828234722833, 0,
  0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
  95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
  0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
]

const SCALES = 6
/** Pictures, and scales of them, with a shorter side than this have no score. */
const LEAST_SIDE = 8
const C2 = 0.0009

type Three<Value> = readonly [Value, Value, Value]
const COMPONENTS = [0, 1, 2] as const

/** Middle and one side of the Gaussian of σ = 1.5: the impulse response of the reference's sum of three oscillators. */
const GAUSSIAN = impulseResponse(1.5)

/** Charalampidis, "Recursive implementation of the Gaussian filter using truncated cosine functions", 2016. */
function impulseResponse(sigma: number): number[] {
  const radius = Math.round(3.2795 * sigma + 0.2546) // (57)
  const omega = [1, 3, 5].map((k) => (k * Math.PI) / (2 * radius))
  const p = omega.map((w, i) => (i === 1 ? -1 : 1) / Math.tan(w / 2)) // (37)
  const r = omega.map((w, i) => ((i === 1 ? -1 : 1) * p[i] * p[i]) / Math.sin(w)) // (44)
  const rho = omega.map((w) => Math.exp(-0.5 * sigma * sigma * w * w) / radius) // (50)
  const cross = (i: number, j: number): number => p[i] * r[j] - r[i] * p[j]
  const zeta = [cross(1, 2) / cross(0, 1), cross(2, 0) / cross(0, 1), 1] // (52)
  const right = [1, radius * radius - sigma * sigma, zeta[0] * rho[0] + zeta[1] * rho[1] + rho[2]] // (55)
  const beta = solved([p, r, zeta], right) // (53), (56)
  return Array.from({ length: radius }, (_, n) => omega.reduce((sum, w, i) => sum + beta[i] * Math.cos(w * n), 0))
}

/** Cramer's rule for three unknowns. */
function solved(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const determinant = ([a, b, c]: readonly (readonly number[])[]): number =>
    a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0])
  const all = determinant(rows)
  return COMPONENTS.map((at) => {
    const replaced = rows.map((row, i) => row.map((value, j) => (j === at ? right[i] : value)))
    return determinant(replaced) / all
  })
}

/** What of the original is needed again for every other picture: of each component. */
type Scale = Three<Readonly<{ plane: Plane; mean: Plane; square: Plane }>>

/**
 * @param original three components, or one, which stands for all three
 * @returns of another picture: 100 for the same, 90 where no difference is seen, 70 high quality, 50 medium, below 0 for
 * very strong distortion; null if a side has less than 8 pixels
 * @example ssimulacra2Of(original)(decoded) // 71.3
 */
export function ssimulacra2Of(original: Picture): (other: Picture) => number | null {
  if (Math.min(original.width, original.height) < LEAST_SIDE) return () => null
  const scales = scalesOf(original).map((planes): Scale =>
    mapped(planes, (plane) => ({
      plane,
      mean: filtered(plane, GAUSSIAN),
      square: filtered(timesOf(plane, plane), GAUSSIAN),
    })),
  )
  return (other) =>
    scoreOf(scalesOf(other).map((planes, at) => mapped(planes, (plane, c) => norms(scales[at][c], plane))))
}

const mapped = <From, To>([a, b, c]: Three<From>, to: (from: From, component: 0 | 1 | 2) => To): Three<To> => [
  to(a, 0),
  to(b, 1),
  to(c, 2),
]

/** Positive XYB at every scale; light is halved, not what the eye makes of it. */
function scalesOf(picture: Picture): Three<Plane>[] {
  const scales: Three<Plane>[] = []
  let light = lightOf(picture)
  for (;;) {
    scales.push(positiveXyb(light))
    if (scales.length === SCALES) return scales
    // As the reference: the size before halving decides.
    if (Math.min(light[0].width, light[0].height) < LEAST_SIDE) return scales
    light = mapped(light, (plane) => halved(plane))
  }
}

/** sRGB's curve, undone. */
const LINEAR = Float64Array.from({ length: 256 }, (_, value) =>
  value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
)

const lightOf = ({ width, height, components, data }: Picture): Three<Plane> => {
  const plane = (component: number): Plane => {
    const offset = components === 1 ? 0 : component
    return planeOf(
      width,
      height,
      Float32Array.from({ length: width * height }, (_, at) => LINEAR[data[at * components + offset]]),
    )
  }
  return [plane(0), plane(1), plane(2)]
}

const BIAS = 0.0037930732552754493
const BIAS_ROOT = Math.cbrt(BIAS)

/** XYB, moved and scaled so that sRGB is within 0…1, with B − Y for B. */
function positiveXyb([{ width, height, data: red }, { data: green }, { data: blue }]: Three<Plane>): Three<Plane> {
  const planes = mapped([0, 1, 2], () => planeOf(width, height))
  for (let at = 0; at < width * height; at++) {
    const [r, g, b] = [red[at], green[at], blue[at]]
    const long = Math.cbrt(0.3 * r + 0.622 * g + 0.078 * b + BIAS) - BIAS_ROOT
    const middle = Math.cbrt(0.23 * r + 0.692 * g + 0.078 * b + BIAS) - BIAS_ROOT
    const short = Math.cbrt(0.2434226892454782 * r + 0.2047674442449682 * g + 0.5518098663095536 * b + BIAS) - BIAS_ROOT
    const y = (long + middle) / 2
    planes[0].data[at] = 7 * (long - middle) + 0.42
    planes[1].data[at] = y + 0.01
    planes[2].data[at] = short - y + 0.55
  }
  return planes
}

/** 1-norm and 4-norm of the three maps of a component, in the order of the weights. */
function norms({ plane, mean, square }: Scale[0], other: Plane): number[] {
  const otherMean = filtered(other, GAUSSIAN)
  const otherSquare = filtered(timesOf(other, other), GAUSSIAN)
  const cross = filtered(timesOf(plane, other), GAUSSIAN)
  const first = [0, 0, 0]
  const fourth = [0, 0, 0]
  const pixels = plane.data.length
  for (let at = 0; at < pixels; at++) {
    const [m1, m2] = [mean.data[at], otherMean.data[at]]
    const covariance = 2 * (cross.data[at] - m1 * m2) + C2
    const variances = square.data[at] - m1 * m1 + (otherSquare.data[at] - m2 * m2) + C2
    const unlike = Math.max(0, 1 - ((1 - (m1 - m2) ** 2) * covariance) / variances)
    const edge = (1 + Math.abs(other.data[at] - m2)) / (1 + Math.abs(plane.data[at] - m1)) - 1
    const artefact = Math.max(0, edge)
    const lost = Math.max(0, -edge)
    first[0] += unlike
    first[1] += artefact
    first[2] += lost
    fourth[0] += (unlike * unlike) ** 2
    fourth[1] += (artefact * artefact) ** 2
    fourth[2] += (lost * lost) ** 2
  }
  return [...first.map((sum) => sum / pixels), ...fourth.map((sum) => (sum / pixels) ** 0.25)]
}

/** Weights follow one another over the scales that there are: small pictures use other ones, as in the reference. */
function scoreOf(scales: readonly Three<readonly number[]>[]): number {
  let [sum, at] = [0, 0]
  for (const component of COMPONENTS)
    for (const scale of scales) for (const norm of scale[component]) sum += WEIGHTS[at++] * norm
  const x = sum * 0.9562382616834844
  const bent = 2.326765642916932 * x - 0.020884521182843837 * x ** 2 + 6.248496625763138e-5 * x ** 3
  return bent > 0 ? 100 - 10 * bent ** 0.6276336467831387 : 100
}
