/** What holds for every test. */
import fc from 'fast-check'

// A counterexample of doubles may shrink for hours. Within the time that a test has, it is told as far as it got.
fc.configureGlobal({ interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true })
