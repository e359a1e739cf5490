import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bitsOf, meanRow, readLog, textOf, type Row, type Validation } from '../../../src/lab/train/log.js'

const rowAt = (step: number): Row => ({
  step,
  loss: new Array<number>(10).fill(1.5),
  bits: [0.5, null],
  usage: [1, null],
})

const validationAt = (step: number): Validation => ({
  step,
  rates: [{ at: 1.5, loss: 30, bits: 3, psnr: 40 }],
  usage: [1, null],
  dead: [0, null],
})
const textOfRows = (...rows: Row[]): string => textOf({ rows, validations: [] })

test('bits a pixel of steps: a layer that a step leaves out costs nothing in it', () => {
  const steps = [rowAt(1), { ...rowAt(2), bits: [1.5, 3] }]
  expect(bitsOf(steps)).toBe((0.5 + 1.5 + 3) / 2)
  expect(meanRow(steps).bits).toEqual([1, 3])
})

test('a row is a line', () => {
  const line = '{"step":3,"loss":[1.5,1.5,1.5,1.5,1.5,1.5,1.5,1.5,1.5,1.5],"bits":[0.5,null],"usage":[1,null]}\n'
  expect(textOfRows(rowAt(3))).toBe(line)
})

test('validation is a line after that of its step', () => {
  const text = textOf({ rows: [rowAt(1), rowAt(2), rowAt(3)], validations: [validationAt(2)] })
  expect(text.split('\n')[2]).toBe(
    '{"step":2,"validation":[{"at":1.5,"loss":30,"bits":3,"psnr":40}],"usage":[1,null],"dead":[0,null]}',
  )
  expect(readLog(text, 2, 2)).toEqual({ rows: [rowAt(1), rowAt(2)], validations: [validationAt(2)] })
  expect(readLog(text, 2, 1).validations).toEqual([])
})

test('a loss that was no number is none after reading', () => {
  const bad = { ...validationAt(1), rates: [{ at: 1.5, loss: NaN, bits: 3, psnr: NaN }] }
  expect(readLog(textOf({ rows: [], validations: [bad] }), 2).validations).toEqual([bad])
})

const anyFigure = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)))
const anyRows = fc.integer({ min: 1, max: 4 }).chain((layers) => {
  const list = (length: number) => fc.array(anyFigure, { minLength: length, maxLength: length })
  const row = fc.record({ step: fc.constant(0), loss: list(10), bits: list(layers), usage: list(layers) })
  const rows = fc.array(row, { maxLength: 5 }).map((all): Row[] => all.map((each, i) => ({ ...each, step: 5 * i })))
  return fc.record({ layers: fc.constant(layers), rows })
})

test('any rows return, also if the next line was cut', () => {
  fc.assert(
    fc.property(anyRows, fc.nat(80), ({ layers, rows }, cut) => {
      const text = textOfRows(...rows)
      expect(readLog(text, layers).rows).toEqual(rows)
      expect(readLog(text + textOfRows(rowAt(99)).slice(0, cut), layers).rows).toEqual(rows)
    }),
  )
})

test('one row for several: means of what was seen', () => {
  const none = new Array<null>(8).fill(null)
  const rows: Row[] = [
    { step: 1, loss: [1, 4, ...none], bits: [1, null], usage: [0, null] },
    { step: 2, loss: [3, null, ...none], bits: [2, null], usage: [1, 0.5] },
  ]
  expect(meanRow(rows)).toEqual({ step: 2, loss: [2, 4, ...none], bits: [1.5, null], usage: [0.5, 0.5] })
  expect(meanRow(rows.slice(0, 1))).toEqual(rows[0])
})

test('rows after the checkpoint are left out', () => {
  const text = textOfRows(rowAt(10), rowAt(20), rowAt(30))
  expect(readLog(text, 2, 20).rows.map(({ step }) => step)).toEqual([10, 20])
})

test('a damaged line is named', () => {
  const [good, bad] = [textOfRows(rowAt(1)), '{"step":2}\n']
  expect(() => readLog(good + bad, 2)).toThrow('line 2 of the log')
  expect(() => readLog(good, 3)).toThrow('usage of 3 layers')
  expect(() => readLog(good + good, 2)).toThrow('one over 1')
  expect(() => readLog('null\n', 2)).toThrow('line 1 of the log')
  expect(() => readLog(textOf({ rows: [], validations: [validationAt(1)] }), 3)).toThrow('line 1 of the log')
})
