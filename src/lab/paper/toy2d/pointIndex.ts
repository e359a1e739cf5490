/** Which of many moving points is nearest: exact, by a grid of cells over [−1, 1]². */
import type { Points } from './density.js'

/** Points a cell, when they are spread evenly. */
const PER_CELL = 2

/** Far more than rounding moves the border of a cell, far less than any distance that matters. */
const SLACK = 1e-12

const NONE = -1

/** Costs that are added to squared distances: of every point, and the least of them. */
export type Biases = Readonly<{ of: Float64Array; least: number }>

/** Points in lists, one a cell. Coordinates within [−1, 1]. */
export class PointIndex {
  readonly #x: Float64Array
  readonly #y: Float64Array
  readonly #side: number
  readonly #first: Int32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array

  /** @example const index = new PointIndex({ x: Float64Array.of(-1, 1), y: Float64Array.of(0, 0) }) */
  constructor({ x, y }: Points) {
    this.#x = x.slice()
    this.#y = y.slice()
    this.#side = Math.max(1, Math.floor(Math.sqrt(x.length / PER_CELL)))
    this.#first = new Int32Array(this.#side ** 2).fill(NONE)
    this.#next = new Int32Array(x.length).fill(NONE)
    this.#previous = new Int32Array(x.length).fill(NONE)
    for (let k = x.length - 1; k >= 0; k--) this.#link(k)
  }

  /** Where the points are now. */
  points(): Points {
    return { x: this.#x.slice(), y: this.#y.slice() }
  }

  /** Brings a point to a place. */
  move(k: number, x: number, y: number): void {
    this.#unlink(k)
    this.#x[k] = x
    this.#y[k] = y
    this.#link(k)
  }

  /** Brings a point a part of the way to a place. @param part 1: all of it */
  approach(k: number, x: number, y: number, part: number): void {
    this.move(k, this.#x[k] + (x - this.#x[k]) * part, this.#y[k] + (y - this.#y[k]) * part)
  }

  /** Brings a point to where another one is. */
  moveTo(k: number, other: number): void {
    this.move(k, this.#x[other], this.#y[other])
  }

  /**
   * The point of least squared distance, plus its bias if there are any; of several the one of lowest index.
   * @example index.nearest(0.5, 0) // 1
   */
  nearest(x: number, y: number, biases?: Biases): number {
    const [column, row] = [this.#cellAt(x), this.#cellAt(y)]
    let best = NONE
    let bestCost = Infinity
    const visit = (cell: number): void => {
      for (let k = this.#first[cell]; k !== NONE; k = this.#next[k]) {
        const [dx, dy] = [this.#x[k] - x, this.#y[k] - y]
        const cost = dx * dx + dy * dy + (biases === undefined ? 0 : biases.of[k])
        if (cost < bestCost || (cost === bestCost && k < best)) [best, bestCost] = [k, cost]
      }
    }
    for (let ring = 0; ring < this.#side; ring++) {
      this.#visitRing(column, row, ring, visit)
      // Nothing beyond the rings so far is nearer than their border.
      const free = this.#distanceToBorder(x, y, column, row, ring) - SLACK
      if (free > 0 && bestCost < free * free + (biases?.least ?? 0)) break
    }
    return best
  }

  /** The cells at `ring` steps from a cell, those within the grid. */
  #visitRing(column: number, row: number, ring: number, visit: (cell: number) => void): void {
    const last = this.#side - 1
    const [left, right] = [Math.max(0, column - ring), Math.min(last, column + ring)]
    for (let j = Math.max(0, row - ring); j <= Math.min(last, row + ring); j++) {
      if (Math.abs(j - row) === ring) {
        for (let i = left; i <= right; i++) visit(j * this.#side + i)
      } else {
        if (column - ring >= 0) visit(j * this.#side + column - ring)
        if (column + ring <= last) visit(j * this.#side + column + ring)
      }
    }
  }

  /** Distance from a place to the border of the square of cells around its own; sides at the edge of the plane are far. */
  #distanceToBorder(x: number, y: number, column: number, row: number, ring: number): number {
    return Math.min(this.#distanceAlong(x, column, ring), this.#distanceAlong(y, row, ring))
  }

  #distanceAlong(value: number, cell: number, ring: number): number {
    const border = (at: number): number => (at / this.#side) * 2 - 1
    const low = cell - ring > 0 ? value - border(cell - ring) : Infinity
    const high = cell + ring + 1 < this.#side ? border(cell + ring + 1) - value : Infinity
    return Math.min(low, high)
  }

  #cellAt(value: number): number {
    return Math.min(this.#side - 1, Math.max(0, Math.floor(((value + 1) / 2) * this.#side)))
  }

  #cellOf(k: number): number {
    return this.#cellAt(this.#y[k]) * this.#side + this.#cellAt(this.#x[k])
  }

  #link(k: number): void {
    const cell = this.#cellOf(k)
    const first = this.#first[cell]
    this.#next[k] = first
    this.#previous[k] = NONE
    if (first !== NONE) this.#previous[first] = k
    this.#first[cell] = k
  }

  #unlink(k: number): void {
    const [before, after] = [this.#previous[k], this.#next[k]]
    if (before === NONE) this.#first[this.#cellOf(k)] = after
    else this.#next[before] = after
    if (after !== NONE) this.#previous[after] = before
  }
}
