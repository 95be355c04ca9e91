// The report as one HTML page: no script, no picture from elsewhere, nothing of what was verified is markup.
import type { Text } from '../report.ts'
import { escapeMarkup } from './escape.ts'
import type { AnyReport, ReportFacts } from './facts.ts'
import { type OutlineRow, type OutlineSection, outlineReport, type Tone } from './outline.ts'

const MARKS: Readonly<Record<Tone, { sign: string; words: Text }>> = {
  good: { sign: '✓', words: { zh: '通过', en: 'passed' } },
  bad: { sign: '✕', words: { zh: '未通过', en: 'failed' } },
  open: { sign: '?', words: { zh: '未能确定', en: 'undecided' } },
  plain: { sign: '', words: { zh: '', en: '' } },
}
const TONES = { accepted: 'good', refused: 'bad', undecided: 'open' } as const

const STYLE = `
:root{color-scheme:light;--good:#14653a;--bad:#a3121f;--open:#7a4b00;--line:#c9ced6;--soft:#5a6472}
*{box-sizing:border-box}
body{margin:0 auto;max-width:52rem;padding:1.5rem 1rem;background:#fff;color:#16191d;font:1rem/1.5 "Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .3rem}
p{margin:.3rem 0}[lang=en]{color:var(--soft)}
.subject{overflow-wrap:anywhere}
.verdict{margin:1rem 0;padding:.8rem 1rem;border:2px solid;border-left-width:.7rem}
.verdict strong{font-size:1.6rem}.verdict [lang=en]{color:inherit}
.good{color:var(--good)}.bad{color:var(--bad)}.open{color:var(--open)}
table{width:100%;border-collapse:collapse}
th,td{padding:.35rem .5rem;border-top:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{width:34%;font-weight:600}th [lang=en]{font-weight:400}
td .mark{font-weight:700}
td span,th span{display:block}td .mark,td .unseen{display:inline}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin-top:2rem;border-top:1px solid var(--line);font-size:.85rem}
@page{size:A4;margin:18mm}
@media print{body{max-width:none;padding:0;font-size:10pt}section,tr{break-inside:avoid}h2{break-after:avoid}.verdict,.good,.bad,.open{print-color-adjust:exact}}
`

/**
 * A whole HTML document in UTF-8, Chinese and English side by side, that needs nothing else and runs nothing: it holds a policy of its own
 * that forbids every source (CSP in `meta`). The same report gives the same text.
 */
export function renderReportHtml(report: AnyReport, facts: ReportFacts = {}): string {
  const { title, subject, verdict, word, sentence, sections, note } = outlineReport(report, facts)
  const heading = `${title.zh} ${title.en}`
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(`${word.zh} ${word.en} · ${heading}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeMarkup(title.zh)} <span lang="en">${escapeMarkup(title.en)}</span></h1>
<p class="subject"><bdi>${escapeMarkup(subject)}</bdi></p>
</header>
<div class="verdict ${TONES[verdict]}" role="note">
<strong>${escapeMarkup(word.zh)} <span lang="en">${escapeMarkup(word.en)}</span></strong>
${bilingual('p', sentence)}
</div>
${sections.map(section).join('\n')}
</main>
<footer>
${bilingual('p', note)}
</footer>
</body>
</html>
`
}

const bilingual = (element: string, { zh, en }: Text): string =>
  `<${element}><bdi>${escapeMarkup(zh)}</bdi></${element}>\n<${element} lang="en"><bdi>${escapeMarkup(en)}</bdi></${element}>`

function section({ heading, rows }: OutlineSection, index: number): string {
  const id = `s${index + 1}`
  return `<section aria-labelledby="${id}">
<h2 id="${id}"><bdi>${escapeMarkup(heading.zh)}</bdi> <span lang="en"><bdi>${escapeMarkup(heading.en)}</bdi></span></h2>
<table>
<tbody>
${rows.map(tableRow).join('\n')}
</tbody>
</table>
</section>`
}

function tableRow({ label, value, tone }: OutlineRow): string {
  const { sign, words } = MARKS[tone]
  const mark = sign
    ? `<span class="mark ${tone}" aria-hidden="true">${sign}</span><span class="unseen">${words.zh} ${words.en}</span> `
    : ''
  const english = label.en === label.zh ? '' : `<span lang="en"><bdi>${escapeMarkup(label.en)}</bdi></span>`
  const told =
    typeof value === 'string' ? `<bdi>${escapeMarkup(value)}</bdi>` : `${bilingual('span', value).replace('\n', '')}`
  return `<tr><th scope="row"><span><bdi>${escapeMarkup(label.zh)}</bdi></span>${english}</th><td>${mark}${told}</td></tr>`
}
