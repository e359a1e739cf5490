/** The 5×7 dot font of character displays, so that text is drawn without any font of the system. */
import { DdncError } from '../../errors.js'

export const GLYPH_WIDTH = 5
/** Seven rows and one for descenders. */
export const GLYPH_HEIGHT = 8

/** Five columns a character, a byte each, the lowest bit on top. */
const COLUMNS = new Map([
  ...glyphs('ABCDEFGH', '7c1211127c 7f49494936 3e41414122 7f4141413e 7f49494941 7f09090901 3e41415173 7f0808087f'),
  ...glyphs('IJKLMNOP', '00417f4100 2040413f01 7f08142241 7f40404040 7f021c027f 7f0408107f 3e4141413e 7f09090906'),
  ...glyphs('QRSTUVWX', '3e4151215e 7f09192946 2649494932 03017f0103 3f4040403f 1f2040201f 3f4038403f 6314081463'),
  ...glyphs('YZabcdef', '0304780403 6159494d43 2054547840 7f28444438 3844444428 384444287f 3854545418 00087e0902'),
  ...glyphs('ghijklmn', '18a4a49c78 7f08040478 00447d4000 2040403d00 7f10284400 00417f4000 7c04780478 7c08040478'),
  ...glyphs('opqrstuv', '3844444438 fc18242418 18242418fc 7c08040408 4854545424 04043f4424 3c4040207c 1c2040201c'),
  ...glyphs('wxyz0123', '3c4030403c 4428102844 4c9090907c 4464544c44 3e5149453e 00427f4000 7249494946 2141494d33'),
  ...glyphs('456789 .', '1814127f10 2745454539 3c4a494931 4121110907 3649494936 464949291e 0000000000 0000606000'),
  ...glyphs(',:;()[]+', '0080703000 0036360000 0080763600 001c224100 0041221c00 007f414100 0041417f00 08083e0808'),
  ...glyphs('-', '0808080808'),
])

function glyphs(characters: string, hex: string): [string, number[]][] {
  const bytes = (word: string): number[] => (word.match(/../g) ?? []).map((pair) => parseInt(pair, 16))
  return hex.split(' ').map((word, at) => [characters[at], bytes(word)])
}

/**
 * Columns of a character from left to right; bit r is row r from the top.
 * @throws {DdncError} BadOption for any but letters, digits, space and . , : ; ( ) [ ] + -
 * @example glyphColumns('L') // [0x7f, 0x40, 0x40, 0x40, 0x40]
 */
export function glyphColumns(character: string): readonly number[] {
  const columns = COLUMNS.get(character)
  if (columns === undefined) {
    const allowed = 'A-Z a-z 0-9 . , : ; ( ) [ ] + - space'
    throw new DdncError({ tag: 'BadOption', option: 'a character', found: character, allowed })
  }
  return columns
}
