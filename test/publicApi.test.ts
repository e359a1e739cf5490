import { expect, test } from 'vitest'
import * as ddnc from '../src/index.js'

test('the names that the package exports', () => {
  expect(Object.keys(ddnc).sort()).toMatchInlineSnapshot(`
    [
      "DEFAULT_QUALITY",
      "DdncError",
      "MAX_PIXELS",
      "MAX_SIDE",
      "compress",
      "compressWithReport",
      "decompress",
      "inspect",
      "inspectPath",
      "loadModel",
    ]
  `)
})
