import { readFileSync } from 'node:fs'
import { fixtures } from '#src/admin/samples/index.ts'
const en = JSON.parse(readFileSync('views/locales/en/admin-samples.json','utf8'))
const keyOf = (name: string) => name.replaceAll('/', '-').replace(': ', '.').replaceAll(/[ ,]+/g, '-')
const miss = new Set<string>()
for (const f of fixtures) { if (f.said) continue; const k = keyOf(f.name); if (!(k in en)) miss.add(k); const v=f.view.replaceAll('/','-'); if(!(v in en)) miss.add(v) }
for (const k of miss) console.log(k)
