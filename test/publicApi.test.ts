import { expect, test } from 'vitest'
import * as ddnc from '../src/index.js'

test('the names that the package exports', () => {
  expect(Object.keys(ddnc).sort()).toMatchInlineSnapshot(`
    [
      "DEFAULT_QUALITY",
      "DdncError",
      "MAX_PIXELS",
      "MAX_SIDE",
      "bitsOfPath",
      "compress",
      "compressWithReport",
      "decompress",
      "fileOfPath",
      "generate",
      "inspect",
      "inspectPath",
      "loadModel",
      "pathOfBits",
    ]
  `)
})
