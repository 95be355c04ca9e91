/** Name and version of this program, as bundles and receipts name it; the version is that of package.json. */
export const SOFTWARE = 'zhengyin 0.1.0'
