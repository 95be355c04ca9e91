// Which characters the codes of simple fonts mean (ISO 32000-2, Annex D) and what their glyphs are called.

const ascii = `space exclam quotedbl numbersign dollar percent ampersand quotesingle parenleft parenright asterisk plus comma hyphen period
  slash zero one two three four five six seven eight nine colon semicolon less equal greater question at A B C D E F G H I J K L M
  N O P Q R S T U V W X Y Z bracketleft backslash bracketright asciicircum underscore grave a b c d e f g h i j k l m n o p q r s
  t u v w x y z braceleft bar braceright asciitilde`
const latin1 = `exclamdown cent sterling currency yen brokenbar section dieresis copyright ordfeminine guillemotleft logicalnot hyphen
  registered macron degree plusminus twosuperior threesuperior acute mu paragraph periodcentered cedilla onesuperior ordmasculine
  guillemotright onequarter onehalf threequarters questiondown Agrave Aacute Acircumflex Atilde Adieresis Aring AE Ccedilla Egrave
  Eacute Ecircumflex Edieresis Igrave Iacute Icircumflex Idieresis Eth Ntilde Ograve Oacute Ocircumflex Otilde Odieresis multiply
  Oslash Ugrave Uacute Ucircumflex Udieresis Yacute Thorn germandbls agrave aacute acircumflex atilde adieresis aring ae ccedilla
  egrave eacute ecircumflex edieresis igrave iacute icircumflex idieresis eth ntilde ograve oacute ocircumflex otilde odieresis
  divide oslash ugrave uacute ucircumflex udieresis yacute thorn ydieresis`
const others = `OE:152 oe:153 Scaron:160 scaron:161 ydieresis:178 Zcaron:17d zcaron:17e florin:192 circumflex:2c6 tilde:2dc endash:2013
  emdash:2014 quoteleft:2018 quoteright:2019 quotesinglbase:201a quotedblleft:201c quotedblright:201d quotedblbase:201e
  dagger:2020 daggerdbl:2021 bullet:2022 ellipsis:2026 perthousand:2030 guilsinglleft:2039 guilsinglright:203a Euro:20ac
  trademark:2122
  minus:2212 fraction:2044 fi:fb01 fl:fb02 ff:fb00 ffi:fb03 ffl:fb04 dotlessi:131 Lslash:141 lslash:142 nbspace:a0 sfthyphen:ad middot:b7
  caron:2c7 breve:2d8 dotaccent:2d9 ring:2da ogonek:2db hungarumlaut:2dd`
const words = (list: string): string[] => list.trim().split(/\s+/)

const byName: ReadonlyMap<string, string> = new Map([
  ...words(ascii).map((name, index) => [name, String.fromCharCode(32 + index)] as const),
  ...words(latin1).map((name, index) => [name, String.fromCharCode(0xa1 + index)] as const),
  ...words(others).map((word) => {
    const [name, code] = word.split(':')
    return [name!, String.fromCharCode(Number.parseInt(code!, 16))] as const
  }),
  ['hyphen', '-'],
])

/** The text of a glyph by its name (Adobe Glyph List Specification, 2): a known name, `uniXXXX`, `uXXXXX`; null for any other. */
export function textOfGlyphName(name: string): string | null {
  const base = name.split('.')[0]!
  const known = byName.get(base)
  if (known !== undefined) return known
  const uni = /^uni((?:[0-9A-F]{4}){1,8})$/.exec(base)?.[1]
  if (uni !== undefined) return uni.replace(/.{4}/g, (code) => String.fromCharCode(Number.parseInt(code, 16)))
  const code = Number.parseInt(/^u([0-9A-F]{4,6})$/.exec(base)?.[1] ?? '', 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : null
}

export type SimpleEncoding = 'WinAnsiEncoding' | 'MacRomanEncoding' | 'StandardEncoding'

const decoders: Readonly<Record<Exclude<SimpleEncoding, 'StandardEncoding'>, TextDecoder>> = {
  WinAnsiEncoding: new TextDecoder('windows-1252'),
  MacRomanEncoding: new TextDecoder('macintosh'),
}

/** The character of a code in one of the encodings that a font may name; null where it has none. */
export function textOfCode(encoding: SimpleEncoding, code: number): string | null {
  if (code < 32 || code === 127) return null
  if (encoding !== 'StandardEncoding') return decoders[encoding].decode(Uint8Array.of(code))
  if (code > 126) return null
  return code === 0x27 ? '\u2019' : code === 0x60 ? '\u2018' : String.fromCharCode(code)
}
