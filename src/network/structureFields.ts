/** Fields of a structure, read out of JSON that nobody vouches for (SPEC 4.2), and the limits of their numbers. */
import { DdncError } from '../errors.js'

export type BlockStructure = { hidden: number; inputShift: number }

/** Hard limits of a model (SPEC 4.1, 4.2, 4.6). */
export const MODEL_LIMITS = {
  channels: 1024,
  layers: 64,
  K: 512,
  leaves: 1024,
  rank: 16,
  shift: 15,
  bytes: 1 << 26,
} as const

/** Fields of an object that came as JSON. */
export type Fields = Readonly<Record<string, unknown>>

/** The error of a field. @param where its name, found the value that stood there */
export const badField = (where: string, found: unknown, allowed: string): DdncError =>
  new DdncError({ tag: 'Corrupt', where: `the model's ${where}`, found: worded(found), allowed })

/** A value in a few words. Lists and objects are not spelt out: they may be nested deeper than the stack. */
function worded(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

/** @throws {DdncError} Corrupt if it is no object */
export function objectOf(json: unknown, where: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw badField(where, json, 'an object')
  return json as Fields
}

/** @throws {DdncError} Corrupt if it is no list of `least` to `most` */
export function listOf(json: unknown, where: string, least: number, most: number, what: string): unknown[] {
  if (Array.isArray(json) && json.length >= least && json.length <= most) return json
  throw badField(where, Array.isArray(json) ? json.length : json, `${least} to ${most} ${what}`)
}

/** @throws {DdncError} Corrupt if the field is no integer in low…high */
export function integerOf(fields: Fields, name: string, low: number, high: number): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw badField(name, value, `${low}…${high}`)
  return value
}

/** @throws {DdncError} Corrupt if the field is neither true nor false */
export function booleanOf(fields: Fields, name: string, where = name): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw badField(where, value, 'true, false')
  return value
}

/** A right shift, 0…15. */
export const shiftOf = (fields: Fields, name: string): number => integerOf(fields, name, 0, MODEL_LIMITS.shift)

/** From Σ table·z + bias to logits. At least 1: logits stay below 2^30, so that their differences fit in 32 bits. */
export const priorShiftOf = (fields: Fields): number => integerOf(fields, 'priorShift', 1, 30)

/** @throws {DdncError} Corrupt */
export function blockOf(json: unknown): BlockStructure {
  const fields = objectOf(json, 'block')
  return { hidden: integerOf(fields, 'hidden', 1, MODEL_LIMITS.channels), inputShift: shiftOf(fields, 'inputShift') }
}

/** @throws {DdncError} Corrupt */
export function nameOf(fields: Fields): string {
  const name = fields['name']
  if (typeof name !== 'string' || !/^[\x21-\x7e]{1,8}$/.test(name))
    throw badField('name', name, '1 to 8 characters of ASCII')
  return name
}
