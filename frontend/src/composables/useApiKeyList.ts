import { useToast } from '@nuxt/ui/composables'
import { useInfiniteQuery } from '@pinia/colada'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { revokeApiKey, type ApiKeyRead } from '@/api/generated'
import { fetchApiKeyPage, keys } from '@/api/queries'
import { useInvalidate } from './useInvalidate'

/** One's own API keys, or those of all for administrators; page after page, newest first. */
export function useApiKeyList(whose: 'own' | 'all') {
  const { t } = useI18n()
  const toast = useToast()
  const invalidate = useInvalidate()
  const list = useInfiniteQuery(() => ({
    key: keys.apiKeyList(whose),
    query: ({ pageParam, signal }) => fetchApiKeyPage(whose, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Awaited<ReturnType<typeof fetchApiKeyPage>>) => last.next_cursor ?? null,
  }))

  const apiKeys = computed(() => list.data.value?.pages.flatMap((page) => page.items))

  async function revoke(apiKey: ApiKeyRead): Promise<void> {
    await revokeApiKey({ path: { key_id: apiKey.id }, throwOnError: true })
    toast.add({ title: t('apiKeys.revoked', { name: apiKey.name }), icon: 'i-lucide-check', color: 'success' })
    await invalidate(keys.apiKeys)
  }

  return { ...list, apiKeys, revoke }
}
