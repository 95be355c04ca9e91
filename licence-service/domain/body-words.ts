// Why an uploaded document is refused, in the words of both languages, by the code of its fault.

const words: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  PADES_NOT_A_PDF: { zh: '文件不是 PDF。', en: 'The file is no PDF.' },
  PADES_ENCRYPTED: {
    zh: '文件已加密，请提交未加密的原件。',
    en: 'The document is encrypted: hand in one that is not.',
  },
  PADES_ACTIVE_CONTENT: {
    zh: '文件含有脚本或会自动执行的动作，请另存为不含脚本的 PDF。',
    en: 'The document holds scripts or actions that run: save it without them.',
  },
  PADES_FORM_DYNAMIC: {
    zh: '文件是动态表单（XFA），显示内容由程序生成，请打印为普通 PDF。',
    en: 'The document is a dynamic form (XFA): print it into a plain PDF.',
  },
  PADES_ALREADY_SIGNED: {
    zh: '文件已有签名或签章，再加二维码会改变其内容，请提交未签章的原件。',
    en: 'The document is signed already, and a QR code would change what was signed: hand in the unsigned one.',
  },
  PADES_FIELDS_EMPTY: {
    zh: '文件留有空白的签名域，签发后可能被他人填入签名，请去掉后再提交。',
    en: 'The document has empty signature fields, into which somebody could sign later: hand it in without them.',
  },
  PADES_FIELD_NAME_TAKEN: {
    zh: '文件中有名为 Seal1 一类的表单域，与印章的签名域重名，请改名或去掉后再提交。',
    en: 'The document has a form field named like Seal1, as the fields of seals are: rename or remove it.',
  },
  PADES_FILES_EMBEDDED: {
    zh: '文件内含附件，看页面的人不会知道，请去掉附件后再提交。',
    en: 'The document carries other files, of which nobody who looks at its pages knows: hand it in without them.',
  },
  PADES_LIMIT_EXCEEDED: {
    zh: '文件过于复杂，无法在限定的时间和内存内读完。',
    en: 'The document is too involved to be read.',
  },
  PADES_PLACE_TAKEN: {
    zh: '二维码会盖住页面上的文字或批注，请把二维码移到空白处。',
    en: 'The QR code would cover text or a note: move it to an empty place.',
  },
  PADES_TEXT_NOT_FOUND: {
    zh: '页面上找不到盖章位置的文字，请指定印章位置。',
    en: 'The text that the seal belongs on is not there: say where the seal stands.',
  },
  PADES_TEXT_UNCERTAIN: {
    zh: '页面文字无法可靠识别，请指定印章位置。',
    en: 'The text of the pages cannot be told for certain: say where the seal stands.',
  },
  OFF_THE_PAGE: { zh: '页面放不下：会超出纸边。', en: 'It would stand out of the page.' },
  PAGE_NOT_THERE: { zh: '文件没有这一页。', en: 'The document has no such page.' },
  PLACES_OVERLAP: { zh: '印章会压住二维码，请把两者分开。', en: 'Seal and QR code would stand on each other.' },
  TOO_LARGE: { zh: '文件超过 24 MB。', en: 'The file has more than 24 MB.' },
  TOO_MANY_PAGES: { zh: '文件超过 1000 页。', en: 'The document has more than 1000 pages.' },
}

/** A fault's words; where there are none of its own, the technical ones. */
export const bodyFaultWords = (code: string, detail: string): { readonly zh: string; readonly en: string } =>
  words[code] ?? { zh: `文件无法可靠读取（${code}）。`, en: `The document cannot be read for certain: ${detail}.` }
