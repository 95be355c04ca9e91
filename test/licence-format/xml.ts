/** Reads well-formed XML strictly enough for tests: balanced tags, declared prefixes. Gives element names and texts. */
export function parseXml(xml: string) {
  const names: string[] = []
  const texts: { name: string; text: string }[] = []
  const open: { name: string; prefixes: Set<string>; text: string }[] = []
  const token = /<\?[^?]*\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
  let at = 0
  for (let match = token.exec(xml); match; match = token.exec(xml)) {
    at = token.lastIndex
    const [, closing, name, attributes, empty, text] = match
    if (text !== undefined) {
      if (/&(?!amp;|lt;|gt;|quot;)/.test(text)) throw new Error(`bare ampersand in ${text}`)
      const element = open.at(-1)
      if (element) element.text += text
      continue
    }
    if (name === undefined) continue
    if (closing) {
      const element = open.pop()
      if (element?.name !== name) throw new Error(`</${name}> closes ${element?.name}`)
      texts.push({ name, text: element.text })
      continue
    }
    const declared = [...(attributes ?? '').matchAll(/xmlns:(\w+)=/g)].map((declaration) => declaration[1]!)
    const prefixes = new Set([...(open.at(-1)?.prefixes ?? ['xml']), ...declared])
    const prefix = name.split(':')[0]!
    if (!prefixes.has(prefix)) throw new Error(`prefix ${prefix} is not declared`)
    names.push(name)
    if (!empty) open.push({ name, prefixes, text: '' })
  }
  if (at !== xml.length || open.length > 0) throw new Error(`not well formed at ${at}`)
  return { names, text: (name: string) => texts.filter((element) => element.name === name).map(({ text }) => text) }
}
