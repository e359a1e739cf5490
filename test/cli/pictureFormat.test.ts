import { expect, test } from 'vitest'
import { formatOf } from '../../src/cli/pictureFormat.js'

test('the extension says what is written', () => {
  expect(['a.png', 'b.JPG', 'c.jpeg', 'd.e.webp', 'f.tif', '-'].map(formatOf)).toEqual([
    'png',
    'jpeg',
    'jpeg',
    'webp',
    'tiff',
    'png',
  ])
  expect(() => formatOf('a.gif')).toThrow('OUT is "a.gif", allowed is a name that ends in .png')
})
