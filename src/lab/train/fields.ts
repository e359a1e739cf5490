/** Checks of JSON that a person wrote: every error names the field. */
import { DdncError } from '../../errors.js'

/** An object of JSON whose fields are taken by name; `done` refuses what nobody took. */
export type Fields = Readonly<{
  where: string
  whole(name: string, low: number, high: number, otherwise?: number): number
  real(name: string, low: number, high: number): number
  flag(name: string): boolean
  oneOf<Name extends string>(name: string, allowed: readonly Name[], otherwise?: Name): Name
  text(name: string, pattern: RegExp, allowed: string): string
  /** Two numbers low ≤ first ≤ second ≤ high. */
  pair(name: string, low: number, high: number): readonly [number, number]
  list<Item>(name: string, most: number, item: (json: unknown, where: string) => Item): Item[]
  /** Integers, possibly none. */
  lengths(name: string, most: number, low: number, high: number): number[]
  object(name: string): Fields
  /** null where the field is missing. */
  optional(name: string): Fields | null
  /** @throws {DdncError} BadOption for a field that was not taken: a slip of the pen would go unnoticed */
  done(): void
}>

/**
 * @param json what JSON.parse gave
 * @param where path of the object, `recipe` or `recipe.training`
 * @throws {DdncError} BadOption if it is no object; so do all methods, naming their field
 * @example fieldsOf({ K: 2 }, 'recipe').whole('K', 2, 512) // 2
 */
export function fieldsOf(json: unknown, where: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad(where, json, 'an object')
  const values = json as Record<string, unknown>
  const taken = new Set<string>()
  const take = (name: string, otherwise?: unknown): unknown => {
    taken.add(name)
    return Object.hasOwn(values, name) ? values[name] : otherwise
  }
  const path = (name: string): string => `${where}.${name}`
  return {
    where,
    whole(name, low, high, otherwise) {
      const value = take(name, otherwise)
      if (isNumber(value, low, high) && Number.isInteger(value)) return value
      throw bad(path(name), value, `an integer, ${low}…${high}`)
    },
    real(name, low, high) {
      const value = take(name)
      if (isNumber(value, low, high)) return value
      throw bad(path(name), value, `a number, ${low}…${high}`)
    },
    flag(name) {
      const value = take(name)
      if (typeof value === 'boolean') return value
      throw bad(path(name), value, 'true, false')
    },
    oneOf(name, allowed, otherwise) {
      const value = take(name, otherwise)
      const found = allowed.find((each) => each === value)
      if (found === undefined) throw bad(path(name), value, allowed.join(', '))
      return found
    },
    text(name, pattern, allowed) {
      const value = take(name)
      if (typeof value === 'string' && pattern.test(value)) return value
      throw bad(path(name), value, allowed)
    },
    pair(name, low, high) {
      const value = take(name)
      const numbers = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : []
      const [first, second] = numbers
      if (isNumber(first, low, high) && isNumber(second, low, high) && first <= second) return [first, second]
      throw bad(path(name), value, `[a, b] with ${low} ≤ a ≤ b ≤ ${high}`)
    },
    list(name, most, item) {
      const value = take(name)
      if (!Array.isArray(value) || value.length === 0 || value.length > most) {
        throw bad(path(name), Array.isArray(value) ? `${value.length} long` : value, `a list of 1 to ${most}`)
      }
      return value.map((each: unknown, i) => item(each, `${path(name)}[${i}]`))
    },
    lengths(name, most, low, high) {
      const value = take(name)
      const isFine = (x: unknown): x is number => isNumber(x, low, high) && Number.isInteger(x)
      if (Array.isArray(value) && value.length <= most && value.every(isFine)) return value
      throw bad(path(name), value, `a list of up to ${most} integers, ${low}…${high}`)
    },
    object: (name) => fieldsOf(take(name), path(name)),
    optional(name) {
      const value = take(name)
      return value === undefined ? null : fieldsOf(value, path(name))
    },
    done() {
      const stranger = Object.keys(values).find((name) => !taken.has(name))
      if (stranger !== undefined) throw bad(path(stranger), values[stranger], `only ${[...taken].join(', ')}`)
    },
  }
}

/** The error of a field. */
export const bad = (field: string, found: unknown, allowed: string): DdncError =>
  new DdncError({ tag: 'BadOption', option: field, found: worded(found), allowed })

const isNumber = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && value >= low && value <= high

/** A value in a few words. */
function worded(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'string') return value === '' ? 'empty' : value.slice(0, 40)
  if (typeof value !== 'object' || value === null) return String(value)
  const isShort = Array.isArray(value) && value.length <= 4 && value.every((each) => typeof each !== 'object')
  return isShort ? JSON.stringify(value).slice(0, 80) : Array.isArray(value) ? 'a list' : 'an object'
}
