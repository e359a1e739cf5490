/** What is asked of an encoder, and what goes together. */
import { DdncError } from '../errors.js'
import type { Search } from '../network/guides.js'
import type { Model } from '../network/model.js'
import type { Tune } from '../network/tune.js'
import type { TargetOptions } from './seek.js'
import type { Profile } from './streams.js'
import type { WorkOptions } from './threads.js'

export type CompressOptions = WorkOptions &
  TargetOptions & {
    model: Model
    /**
     * 1…100, default 75. Of a whole-image model: as many per cent of its choices, rounded up; default all. 100 is the best the model has, not lossless. A test chart may get a coarser step that is better.
     * In the plain profile a quality is a number of layers: there are as many different files.
     */
    quality?: number | undefined
    /** Instead of quality: λ in grey level² per bit, 2.72…4023, rounded to the nearest of 74 steps. */
    lambda?: number | undefined
    /** `entropy` or, with a model made for it, `plain`. Default: `entropy` if the model has it. */
    profile?: Profile | undefined
    /**
     * Class of the picture, of a whole-image model that has classes. Default: each is tried, and the one of least error
     * taken.
     */
    label?: number | undefined
    /** Where a cell makes several choices: look at all its leaves at once (default), or choice by choice as the paper. */
    search?: Search | undefined
    /**
     * What a file is to be good by: `psnr` (default), or `ssim`, for the eye: errors count for more where the picture is
     * calm. Of a model with grids and the entropy profile; every decoder decodes the same way.
     */
    tune?: Tune | undefined
    /**
     * 1…9, default 1: how much an encoder tries. Of a model with grids so many walks at most, each as long as the first; of a
     * whole-image model 2^(effort − 1) paths are followed at once. Every decoder decodes the same way.
     */
    effort?: number | undefined
    /** Pixels, a multiple of 64; 0: one tile. Default: one tile up to 2^21 pixels, else 512. */
    tileSide?: number | undefined
    /** The file is exact: it has what its lossy part lacks, too. Quality, default 60, is that of the lossy part. */
    lossless?: boolean | undefined
  }

/** Options that a kind of model knows nothing of. */
export function refuse(
  options: CompressOptions,
  { name }: Model,
  without: readonly ('lambda' | 'tileSide' | 'tune' | 'label')[],
): void {
  const option = without.find((one) => options[one] !== undefined)
  if (option === undefined) return
  const found = String(options[option])
  throw new DdncError({ tag: 'BadOption', option, found, allowed: `none with model ${name}` })
}

export function checkProfile(model: Model, profile: Profile): void {
  if (model.profiles.includes(profile)) return
  throw new DdncError({
    tag: 'BadOption',
    option: 'profile',
    found: `${profile} with model ${model.name}`,
    allowed: `${model.profiles.join(', ')} with this model`,
  })
}

/** In the plain profile the nearest candidate is taken, whatever the error counts. */
export function checkTune(tune: Tune, profile: Profile): void {
  if (tune === 'psnr' || (tune === 'ssim' && profile === 'entropy')) return
  const found = `${tune} in the profile ${profile}`
  throw new DdncError({ tag: 'BadOption', option: 'tune', found, allowed: 'psnr; in the profile entropy also ssim' })
}

/** Quality, λ and a target each say how good a file is to be. */
export function checkOneOf(options: CompressOptions): void {
  const given = (['quality', 'lambda', 'targetSize', 'targetPsnr'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length < 2) return
  throw new DdncError({ tag: 'BadOption', option: given[1], found: `given with ${given[0]}`, allowed: 'one of them' })
}
