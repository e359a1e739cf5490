/** What the benchmark measures: a codec, used in one way, with a setting that trades bytes for quality. */
import type { Picture } from '../../../index.js'

/** A file of a picture, and what a decoder makes of it. */
export type Coded = Readonly<{ bytes: number; picture: Picture }>

/** A whole process: the program and its arguments. */
export type Command = readonly string[]

export type Codec = Readonly<{
  /** Letters, digits and dashes: the name of files. */
  id: string
  /** For headings. */
  name: string
  /** All that decides about the bytes besides the setting, in words. */
  use: string
  /** Of the code that encodes. */
  version: string
  /** What the setting is. */
  setting: string
  /** Measured: from the smallest file to the largest. */
  settings: readonly number[]
  /** All that may be set: the one of the smallest file, the one of the largest, and the distance of neighbours. */
  dial: readonly [smallest: number, largest: number, step: number]
  /** In this process. */
  code(picture: Picture, setting: number): Promise<Coded>
  /** A PNG becomes a file of the codec. */
  encodeCommand(input: string, output: string, setting: number): Command
  /** Such a file becomes a PNG. */
  decodeCommand(input: string, output: string): Command
}>

/** A codec that could not be had, by name. */
export type Absent = Readonly<{ name: string; why: string }>

export type Codecs = Readonly<{ codecs: readonly Codec[]; absent: readonly Absent[] }>
