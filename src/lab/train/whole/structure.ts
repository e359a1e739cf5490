/** TEMPORARY: until the codec's types are there. */
export type BlockStructure = { hidden: number; inputShift: number }
export type LevelStructure = {
  channels: number
  down: BlockStructure[]
  up: BlockStructure[]
  downShift: number
  upShift: number
}
export type WholeLayerStructure = {
  levels: LevelStructure[]
  headShift: number
  poolShift: number
  pictureShift: number
  priorShift: number
}
export type StageStructure = {
  scale: number
  channels: number
  steps: number
  recurrent: boolean
  layers: WholeLayerStructure[]
  upShift: number
  carryShift: number
}
export type Whole = {
  width: number
  height: number
  components: 1 | 3
  classes: number
  K: number
  leak: number
  residual: boolean
  rank: number
  stages: StageStructure[]
}
