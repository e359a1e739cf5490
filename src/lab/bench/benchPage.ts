/** report.html: one file without anything outside. */
import { csvLine } from './report.js'
import type { Table } from './benchTables.js'

/** A picture that can be put under the slider: what it is, and its file. */
export type SlidePicture = Readonly<{ label: string; webp: Uint8Array }>

/** Pictures of one original at equal bytes. */
export type Slide = Readonly<{ name: string; pictures: readonly SlidePicture[] }>

export type Page = Readonly<{
  title: string
  facts: readonly string[]
  /** Headings with a note and a table. */
  tables: readonly Readonly<{ heading: string; note: string; table: Table }>[]
  charts: string
  slides: readonly Slide[]
  slideNote: string
}>

const STYLE = `
body { font: 15px/1.45 sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; font-size: 13px; margin: 1em 0 }
td, th { border-bottom: 1px solid #ddd; padding: 2px 9px; text-align: right; white-space: nowrap }
td:first-child, th:first-child { text-align: left }
th { border-bottom: 2px solid #888; white-space: normal; vertical-align: bottom }
.scroll { overflow-x: auto } svg { max-width: 100%; height: auto }
.slider { position: relative; display: inline-block; line-height: 0 }
.slider img.right { position: absolute; left: 0; top: 0 }
.slider input { position: absolute; left: 0; bottom: 6px; width: 100%; margin: 0 }
.slider i { position: absolute; top: 0; bottom: 0; width: 1px; background: #fff; box-shadow: 0 0 2px #000 }
`

const SCRIPT = `
const part = (name) => document.getElementById(name)
const fill = (select, labels, at) => {
  select.replaceChildren(...labels.map((label) => new Option(label)))
  select.selectedIndex = Math.min(at, labels.length - 1)
}
const slide = () => SLIDES[part('picture').selectedIndex]
const draw = () => {
  for (const side of ['left', 'right']) part(side + 'Image').src = slide().pictures[part(side).selectedIndex].url
  const at = part('place').value
  part('rightImage').style.clipPath = 'inset(0 0 0 ' + at + '%)'
  part('edge').style.left = at + '%'
}
const choose = () => {
  const labels = slide().pictures.map(({ label }) => label)
  fill(part('left'), labels, Math.max(0, part('left').selectedIndex < 0 ? 1 : part('left').selectedIndex))
  fill(part('right'), labels, part('right').selectedIndex < 0 ? 2 : part('right').selectedIndex)
  draw()
}
fill(part('picture'), SLIDES.map(({ name }) => name), 0)
part('picture').onchange = choose
for (const name of ['left', 'right']) part(name).onchange = draw
part('place').oninput = draw
choose()
`

/**
 * @returns HTML
 * @example await writeFile('report.html', pageHtml(page))
 */
export function pageHtml({ title, facts, tables, charts, slides, slideNote }: Page): string {
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    `<title>${escaped(title)}</title><style>${STYLE}</style>`,
    `<h1>${escaped(title)}</h1>`,
    `<p>${facts.map(escaped).join('<br>')}</p>`,
    charts,
    ...(slides.length === 0 ? [] : sliderHtml(slides, slideNote)),
    ...tables.flatMap(({ heading, note, table }) => [
      `<h2>${escaped(heading)}</h2>`,
      `<p>${escaped(note)}</p>`,
      tableHtml(table),
    ]),
    '</html>\n',
  ].join('\n')
}

function sliderHtml(slides: readonly Slide[], note: string): string[] {
  const data = slides.map(({ name, pictures }) => ({
    name,
    pictures: pictures.map(({ label, webp }) => ({
      label,
      url: `data:image/webp;base64,${Buffer.from(webp).toString('base64')}`,
    })),
  }))
  return [
    '<h2>Equal bytes</h2>',
    `<p>${escaped(note)}</p>`,
    '<p><label>Picture <select id="picture"></select></label> <label>left <select id="left"></select></label>',
    '<label>right <select id="right"></select></label></p>',
    '<div class="slider"><img id="leftImage" alt="left"><img id="rightImage" class="right" alt="right"><i id="edge"></i>',
    '<input id="place" type="range" min="0" max="100" value="50" aria-label="edge between the two pictures"></div>',
    // A name may hold what would end the script.
    `<script>const SLIDES = ${JSON.stringify(data).replaceAll('<', '\\u003c')}\n${SCRIPT}</script>`,
  ]
}

const tableHtml = ([heading, ...rows]: Table): string =>
  [
    '<div class="scroll"><table>',
    `<tr>${heading.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>`,
    ...rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`),
    '</table></div>',
  ].join('\n')

const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A table as CSV, with facts as comments before it. */
export const tableCsv = (facts: readonly string[], table: Table): string =>
  [...facts.map((fact) => `# ${fact}`), ...table.map(csvLine)].map((line) => `${line}\n`).join('')
