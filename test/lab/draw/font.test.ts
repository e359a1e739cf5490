import { expect, test } from 'vitest'
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphColumns } from '../../../src/lab/draw/font.js'

const drawn = (character: string): string[] =>
  Array.from({ length: GLYPH_HEIGHT }, (_, row) =>
    glyphColumns(character)
      .map((bits) => ((bits >> row) & 1 ? '#' : '.'))
      .join(''),
  )

test('an L', () => {
  expect(drawn('L')).toEqual(['#....', '#....', '#....', '#....', '#....', '#....', '#####', '.....'])
})

test('every letter and digit has five columns of its own', () => {
  const characters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;()[]+-']
  const all = characters.map((character) => glyphColumns(character).join())
  expect(new Set(all).size).toBe(characters.length)
  for (const character of characters) expect(glyphColumns(character)).toHaveLength(GLYPH_WIDTH)
})

test('a character that is not in the font is a named error', () => {
  const allowed = 'A-Z a-z 0-9 . , : ; ( ) [ ] + - space'
  const fault = { tag: 'BadOption', option: 'a character', found: '@', allowed }
  expect(() => glyphColumns('@')).toThrow(expect.objectContaining({ fault }))
})
