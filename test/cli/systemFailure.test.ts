import { expect, test } from 'vitest'
import { codeOf, failure, READ_ADVICE, SystemFailure, WRITE_ADVICE } from '../../src/cli/systemFailure.js'
import { DdncError } from '../../src/errors.js'

const withCode = (code: unknown) => Object.assign(new Error('x'), { code })

test('what the system says becomes what to do about it, the code is kept', () => {
  const cause = withCode('ENOENT')
  expect(failure(cause, 'cannot read a', READ_ADVICE)).toMatchObject({
    message: 'cannot read a: no such file; check the name',
    code: 'ENOENT',
    silent: false,
    cause,
  })
  expect(failure(cause, 'cannot write a', WRITE_ADVICE)).toMatchObject({ message: expect.stringMatching(/its folder/) })
  expect(failure(withCode('EXYZ'), 'cannot read a', READ_ADVICE)).toMatchObject({
    message: 'cannot read a: the system says EXYZ',
  })
})

test('a reader that is gone is told nothing', () => {
  expect(failure(withCode('EPIPE'), 'cannot write', WRITE_ADVICE)).toMatchObject({ silent: true })
})

test.each([
  ['a fault of the file', new DdncError({ tag: 'Truncated', where: 'w', needed: 2, have: 1 })],
  ['what is worded already', new SystemFailure('said', 'ENOSPC')],
  ["what is Node's own", withCode('ABORT_ERR')],
  ['a mistake of ours', new TypeError('x')],
  ['no error', 'x'],
])('%s passes', (_name, error) => {
  expect(failure(error, 'cannot read', READ_ADVICE)).toBe(error)
})

test('the code of what has one', () => {
  expect([withCode('EIO'), new SystemFailure('said', 'EIO'), withCode(5), new Error('x'), 'EIO'].map(codeOf)).toEqual([
    'EIO',
    'EIO',
    null,
    null,
    null,
  ])
})
