import { existsSync, readdirSync } from 'node:fs'

/** Says on stderr that the start in a data folder with nothing in it takes a while, and for what. */
export function tellFirstStart({ dataDir }: { readonly dataDir: string }): void {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) return
  console.error(
    'zhengyin: first start: making keys, certificates and the database, about half a minute …\n' +
      'zhengyin: 首次启动：正在生成密钥、证书和数据库，约半分钟……',
  )
}
