import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Says on stderr that the start in a data folder without keys takes a while, and for what. */
export function tellFirstStart({ dataDir }: { readonly dataDir: string }): void {
  if (existsSync(join(dataDir, 'keys'))) return
  console.error(
    'zhengyin: first start: making keys, certificates and the database, about half a minute …\n' +
      'zhengyin: 首次启动：正在生成密钥、证书和数据库，约半分钟……',
  )
}
