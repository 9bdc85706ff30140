// Measures the JavaScript of the first page: the entry, what it imports at once, and the home page's own chunks.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_BYTES = 250 * 1000
const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const FIRST = ['index.html', 'src/views/HomeView.vue', 'src/locales/zh-TW/index.ts']

const files = new Set()
function take(key) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`${key} is not in the manifest`)
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const next of chunk.imports ?? []) take(next)
}
FIRST.forEach(take)

let total = 0
for (const file of files) {
  const bytes = gzipSync(readFileSync(new URL(file, dist))).length
  total += bytes
  console.log(`${String(bytes).padStart(8)}  ${file}`)
}
console.log(`${String(total).padStart(8)}  gzip in all, ${BUDGET_BYTES} allowed`)
if (total > BUDGET_BYTES) {
  console.error('The first page loads too much JavaScript.')
  process.exit(1)
}
