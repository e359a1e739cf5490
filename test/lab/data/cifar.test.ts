import { expect, test } from 'vitest'
import { readCifar } from '../../../src/lab/data/cifar.js'
import { pictureAt } from '../../../src/lab/data/pictureSet.js'
import { faultOf } from './fault.js'

/** Planes of which every byte tells plane and pixel. */
const record = (label: number): number[] => [
  label,
  ...Array.from({ length: 3072 }, (_, at) => 80 * Math.floor(at / 1024) + ((at % 1024) % 61)),
]

test('planes become pixels', () => {
  const set = readCifar(Uint8Array.from([...record(3), ...record(9)]), 'f')
  expect(set).toMatchObject({ width: 32, height: 32, components: 3, count: 2, labels: Uint8Array.of(3, 9) })
  const { data } = pictureAt(set, 1)
  expect([...data.subarray(0, 6)]).toEqual([0, 80, 160, 1, 81, 161])
  expect([...data.subarray(3 * 1023)]).toEqual([1023 % 61, 80 + (1023 % 61), 160 + (1023 % 61)])
})

test('cut records and labels that are none are named', () => {
  expect(faultOf(() => readCifar(new Uint8Array(0), 'f'))).toMatchObject({ tag: 'Truncated', needed: 3073, have: 0 })
  expect(faultOf(() => readCifar(new Uint8Array(3074), 'f'))).toMatchObject({ tag: 'Truncated', needed: 6146 })
  expect(faultOf(() => readCifar(Uint8Array.from(record(10)), 'f.bin'))).toMatchObject({
    tag: 'Corrupt',
    where: 'label 0 of f.bin',
  })
})
