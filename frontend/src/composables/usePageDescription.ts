import { onScopeDispose, watchEffect } from 'vue'

/** The description that search engines and shared links show; the service writes it for the first page, we for the next ones. */
export function usePageDescription(text: () => string | null): void {
  const found = document.querySelector<HTMLMetaElement>('meta[name="description"]')
  const meta = found ?? document.head.appendChild(Object.assign(document.createElement('meta'), { name: 'description' }))
  const before = meta.content
  watchEffect(() => (meta.content = (text() ?? before).slice(0, 200)))
  onScopeDispose(() => (meta.content = before))
}
