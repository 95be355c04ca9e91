// The markup of an SVG, strictly: elements and attributes. No document type, entity, processing instruction, prefix or text.
import { ArtworkFault } from './artwork-fault.ts'

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
}

const mostElements = 5000
const deepest = 32
/** Elements whose text is for people; their text is passed over. */
const withText = new Set(['title', 'desc'])
const declaration =
  /^\uFEFF?<\?xml version=(["'])1\.[01]\1(?:\s+encoding=(["'])utf-8\2)?(?:\s+standalone=(["'])(?:yes|no)\3)?\s*\?>/i
const opening = /<([A-Za-z][A-Za-z-]*)((?:\s+[A-Za-z][A-Za-z:_-]*\s*=\s*(?:"[^"<&]*"|'[^'<&]*'))*)\s*(\/?)>/y
const closing = /<\/([A-Za-z][A-Za-z-]*)\s*>/y
const attribute = /([A-Za-z][A-Za-z:_-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const blank = /\s+/y
const words = /[^<&]+/y

interface Open {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly children: Element[]
}

/** The one element that the text holds. Throws `ArtworkFault`. */
export function readMarkup(text: string): Element {
  const top: Element[] = []
  const path: Open[] = []
  let count = 0
  let at = declaration.exec(text)?.[0].length ?? (text.startsWith('\uFEFF') ? 1 : 0)
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  while (at < text.length) {
    if (take(blank) !== null) continue
    if (text.startsWith('<!--', at)) {
      const last = text.indexOf('--', at + 4)
      if (last < 0 || text[last + 2] !== '>') throw new ArtworkFault('ARTWORK_DAMAGED', 'a comment without its end')
      at = last + 3
      continue
    }
    const inner = path.at(-1)
    if (inner !== undefined && withText.has(inner.name) && take(words) !== null) continue
    const end = take(closing)
    if (end !== null) {
      if (inner?.name !== end[1]) throw new ArtworkFault('ARTWORK_DAMAGED', `</${end[1]}> closes nothing`)
      path.pop()
      continue
    }
    const start = take(opening)
    if (start === null) {
      const place = inner === undefined ? '' : ` in element ${inner.name.slice(0, 40)}`
      throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', `not plain SVG${place}: ${excerpt(text, at)}`)
    }
    if (++count > mostElements) throw new ArtworkFault('ARTWORK_TOO_DETAILED', `more than ${mostElements} elements`)
    const element = { name: start[1]!, attributes: readAttributes(start[2]!), children: [] }
    ;(inner?.children ?? top).push(element)
    if (start[3] === '/') continue
    if (path.push(element) > deepest) throw new ArtworkFault('ARTWORK_TOO_DETAILED', `deeper than ${deepest} elements`)
  }
  if (path.length > 0 || top.length !== 1)
    throw new ArtworkFault('ARTWORK_DAMAGED', 'the document is not one whole element')
  return top[0]!
}

function readAttributes(text: string): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null)
  for (const [, name, one, other] of text.matchAll(attribute)) {
    if (name! in attributes) throw new ArtworkFault('ARTWORK_DAMAGED', `${name} twice`)
    attributes[name!] = one ?? other!
  }
  return attributes
}

const excerpt = (text: string, at: number) => text.slice(at, at + 24).replace(/[^\x20-\x7e]/g, '?')
