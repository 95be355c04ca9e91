// Changes of DER that keep to its grammar, or break exactly one rule of it: tags, lengths, order, nesting, object identifiers, times.
import type { Random } from '../random.ts'
import { mutateBytes } from './bytes.ts'

/** A value as it stands: where its tag, its content and its end lie. Read leniently, since it may have been mutated before. */
interface Node {
  readonly start: number
  readonly content: number
  readonly end: number
  readonly tag: number
  readonly children: readonly Node[]
  readonly parents: readonly Node[]
}

const MOST_NODES = 3_000

/** Every value of some DER, outermost first; stops where it cannot be read. Octet and bit strings are looked into. */
function nodesOf(der: Uint8Array): Node[] {
  const found: Node[] = []
  const walk = (from: number, to: number, parents: readonly Node[]): Node[] => {
    const siblings: Node[] = []
    let at = from
    while (at + 2 <= to && found.length < MOST_NODES) {
      const tag = der[at]!
      let content = at + 2
      let length = der[at + 1]!
      if ((tag & 0x1f) === 0x1f || length === 0x80 || length > 0x84) break
      if (length > 0x80) {
        const octets = length - 0x80
        length = 0
        for (let i = 0; i < octets; i++) length = length * 256 + (der[content + i] ?? 0)
        content += octets
      }
      const end = content + length
      if (end > to) break
      const children: Node[] = []
      const node: Node = { start: at, content, end, tag, children, parents }
      found.push(node)
      siblings.push(node)
      const inner = tag === 0x03 ? content + 1 : content
      if ((tag & 0x20 || tag === 0x04 || tag === 0x03) && inner < end && parents.length < 40)
        children.push(...walk(inner, end, [...parents, node]))
      at = end
    }
    return siblings
  }
  walk(0, der.length, [])
  return found
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const hex = length.toString(16)
  const octets = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return concat(Uint8Array.of(0x80 + octets.length), octets)
}

const encode = (tag: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tag), lengthOctets(content.length), content)

/** The DER with one value replaced and the lengths around it put right. */
function replaceNode(der: Uint8Array, node: Node, put: Uint8Array): Uint8Array {
  let [from, to, value] = [node.start, node.end, put]
  for (const parent of node.parents.toReversed()) {
    value = encode(parent.tag, concat(der.subarray(parent.content, from), value, der.subarray(to, parent.end)))
    from = parent.start
    to = parent.end
  }
  return concat(der.subarray(0, from), value, der.subarray(to))
}

const rawOf = (der: Uint8Array, { start, end }: Node): Uint8Array => der.subarray(start, end)
const contentOf = (der: Uint8Array, { content, end }: Node): Uint8Array => der.subarray(content, end)

const TIMES = ['700101000000Z', '491231235959Z', '500101000000Z', '260229000000Z', '99123123595960Z', '2601010000Z']
const LONG_TIMES = ['99991231235959Z', '00000101000000Z', '20260230000000Z', '20260101000000.5Z', '20260101000000+0800']
const OIDS = [
  '2a864886f70d010702',
  '2a864886f70d0109100104',
  '608648016503040201',
  '2a8648ce3d040302',
  '2b0e03021a',
  '80',
  '',
]

type Change = (der: Uint8Array, node: Node, random: Random, other: Uint8Array) => Uint8Array

const changes: readonly Change[] = [
  function changeContent(der, node, random, other) {
    return replaceNode(der, node, encode(node.tag, mutateBytes(contentOf(der, node), random, other)))
  },
  function changeTag(der, node, random) {
    const tag = random.pick([
      node.tag ^ 0x20,
      node.tag ^ 0x80,
      node.tag + 1,
      0x05,
      0x30,
      0x31,
      0x04,
      0xa0,
      0x1f,
      0x3f,
      0x00,
    ])
    return replaceNode(der, node, concat(Uint8Array.of(tag & 0xff), der.subarray(node.start + 1, node.end)))
  },
  function changeLength(der, node, random) {
    const length = node.end - node.content
    const form = random.pick([
      Uint8Array.of(0x81, length & 0xff),
      Uint8Array.of(0x84, 0, 0, length >> 8, length & 0xff),
      Uint8Array.of(0x84, 0x7f, 0xff, 0xff, 0xff),
      Uint8Array.of(0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Uint8Array.of(0xff),
      lengthOctets(length + 1),
      lengthOctets(Math.max(0, length - 1)),
      lengthOctets(0),
    ])
    return replaceNode(der, node, concat(Uint8Array.of(node.tag), form, contentOf(der, node)))
  },
  function makeIndefinite(der, node, random) {
    const end = random.chance(0.7) ? Uint8Array.of(0, 0) : new Uint8Array()
    return replaceNode(der, node, concat(Uint8Array.of(node.tag | 0x20, 0x80), contentOf(der, node), end))
  },
  function remove(der, node) {
    return replaceNode(der, node, new Uint8Array())
  },
  function repeat(der, node, random) {
    const raw = rawOf(der, node)
    return replaceNode(der, node, concat(...new Array<Uint8Array>(random.chance(0.9) ? 2 : 2_000).fill(raw)))
  },
  function takeFromOther(der, node, random, other) {
    const from = random.chance(0.5) ? der : other
    const alike = nodesOf(from).filter(({ tag }) => tag === node.tag)
    return alike.length ? replaceNode(der, node, rawOf(from, random.pick(alike))) : der
  },
  function insertFromOther(der, node, random, other) {
    const lent = nodesOf(other)
    if (!lent.length) return der
    return replaceNode(der, node, concat(rawOf(der, node), rawOf(other, random.pick(lent))))
  },
  function swapChildren(der, node, random) {
    if (node.children.length < 2) return der
    const parts = node.children.map((child) => rawOf(der, child))
    const a = random.below(parts.length)
    const b = random.below(parts.length)
    ;[parts[a], parts[b]] = [parts[b]!, parts[a]!]
    return replaceNode(der, node, encode(node.tag, concat(...parts)))
  },
  function nest(der, node, random) {
    let value = rawOf(der, node)
    const depth = random.pick([1, 3, 40, 200])
    for (let i = 0; i < depth; i++) value = encode(random.chance(0.9) ? 0x30 : 0x24, value)
    return replaceNode(der, node, value)
  },
  function setInteger(der, node, random) {
    const content = random.pick([
      [0],
      [0xff],
      [0x7f],
      [0x80],
      [0, 0, 1],
      [0xff, 0xff],
      [0, ...random.bytes(32)],
      [],
      random.bytes(600),
    ])
    return replaceNode(der, node, encode(0x02, Uint8Array.from(content)))
  },
  function setOid(der, node, random) {
    return replaceNode(der, node, encode(0x06, Buffer.from(random.pick(OIDS), 'hex')))
  },
  function setTime(der, node, random) {
    const [tag, texts] = random.chance(0.5) ? ([0x17, TIMES] as const) : ([0x18, LONG_TIMES] as const)
    return replaceNode(der, node, encode(tag, Buffer.from(random.pick(texts), 'latin1')))
  },
  function setBoolean(der, node, random) {
    return replaceNode(der, node, encode(0x01, Uint8Array.of(random.pick([0, 1, 0xff]))))
  },
  function appendOutside(der, _node, random) {
    return concat(der, random.pick([Uint8Array.of(0), Uint8Array.of(0x30, 0), der, random.bytes(20)]))
  },
]

/** One change of a value; integers, identifiers and times are mostly changed into others of their kind. */
export function mutateDer(der: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const nodes = nodesOf(der)
  if (nodes.length === 0 || random.chance(0.1)) return mutateBytes(der, random, other)
  const node = random.pick(nodes)
  const own: Partial<Record<number, string>> = {
    1: 'setBoolean',
    2: 'setInteger',
    6: 'setOid',
    23: 'setTime',
    24: 'setTime',
  }
  const named = changes.find(({ name }) => name === own[node.tag])
  const change = named && random.chance(0.4) ? named : random.pick(changes)
  return change(der, node, random, other)
}
