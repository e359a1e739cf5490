import { DdncError, type Fault } from '../../../src/errors.js'

/** The fault that f throws. */
export function faultOf(f: () => unknown): Fault {
  try {
    f()
  } catch (error) {
    if (error instanceof DdncError) return error.fault
    throw error
  }
  throw new Error('nothing was thrown')
}

/** The fault that a promise is rejected with. */
export const faultOfAsync = async (promise: Promise<unknown>): Promise<Fault> => {
  const error: unknown = await promise.then(
    () => new Error('nothing was thrown'),
    (cause: unknown) => cause,
  )
  return faultOf(() => {
    throw error
  })
}
