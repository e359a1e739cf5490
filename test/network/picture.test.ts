import { expect, test } from 'vitest'
import { checkPicture, type Picture } from '../../src/network/picture.js'

const picture = (change: object): Picture =>
  ({ width: 2, height: 1, components: 3, data: new Uint8Array(6), ...change }) as Picture

test('whole pictures pass', () => {
  checkPicture(picture({}))
  checkPicture(picture({ components: 1, data: Uint8Array.of(0, 255) }))
  checkPicture(picture({ data: Buffer.alloc(6) })) // Buffer is a Uint8Array
})

test.each([
  ['width', { width: 0 }],
  ['width', { width: 1.5 }],
  ['width', { width: '2' }],
  ['height', { height: -1 }],
  ['height', { height: NaN }],
  ['components', { components: 4, data: new Uint8Array(8) }],
  ['data', { data: [0, 0, 0, 0, 0, 0] }],
  ['data', { data: undefined }],
  ['data', { data: new Uint8ClampedArray(6) }],
  ['data length', { data: new Uint8Array(5) }],
])('a wrong %s is a BadOption (%#)', (option, change) => {
  const fault = expect.objectContaining({ tag: 'BadOption', option: `picture ${option}` })
  expect(() => checkPicture(picture(change))).toThrow(expect.objectContaining({ fault }))
})
