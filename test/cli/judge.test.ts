import { CommanderError } from 'commander'
import { expect, test } from 'vitest'
import { JudgedError, judge, stackOf } from '../../src/cli/judge.js'
import { SystemFailure } from '../../src/cli/systemFailure.js'
import { DdncError } from '../../src/errors.js'

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code })

test.each([
  ['a damaged file', new DdncError({ tag: 'Truncated', where: 'w', needed: 2, have: 1 }), 1, /^cut short: w/],
  ['an option', new DdncError({ tag: 'BadOption', option: '-q', found: '0', allowed: '1' }), 2, /^-q is 0/],
  ['the command line', new CommanderError(1, 'commander.unknownOption', 'error: no -x'), 2, /^no -x; see ddnc --help$/],
  ['the system', new SystemFailure('the disk is full', 'ENOSPC'), 3, /^the disk is full$/],
  [
    'the system, where no file is named',
    withCode('EMFILE'),
    3,
    /^the system refuses to go on: too many files are open/,
  ],
  ['too little memory', new RangeError('Array buffer allocation failed'), 3, /^not enough memory/],
  ['many files', new JudgedError('2 of 3 files failed', 1), 1, /^2 of 3 files failed$/],
  ['a mistake of ours', new TypeError('x is undefined'), 3, /^this should not happen: x is undefined/],
  ["a mistake of ours in Node's words", withCode('ERR_INVALID_ARG_TYPE', 'no string'), 3, /^this should not happen/],
  ['nothing that is an error', 'oops', 3, /^this should not happen: oops/],
])('%s', (_name, error, code, line) => {
  expect(judge(error)).toEqual([code, expect.stringMatching(line)])
})

test.each([
  ['help was printed', new CommanderError(0, 'commander.helpDisplayed', ''), 0],
  ['no command was given, and help printed', new CommanderError(1, 'commander.help', ''), 2],
  ['the reader is gone', new SystemFailure('cannot write', 'EPIPE'), 3],
  ['the reader of something else is gone', withCode('EPIPE'), 3],
  ['another process said it already', new JudgedError(null, 3), 3],
])('%s: nothing to say', (_name, error, code) => {
  expect(judge(error)).toEqual([code, null])
})

test('a stack has the stacks of its causes', () => {
  const stack = stackOf(new Error('outer', { cause: new Error('inner', { cause: 'why' }) }))
  expect(stack).toMatch(/^Error: outer\n[^]*\ncaused by Error: inner\n[^]*\ncaused by why$/)
})
