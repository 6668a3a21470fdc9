import '@/assets/main.css'
import { PiniaColada } from '@pinia/colada'
import ui from '@nuxt/ui/vue-plugin'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { configureClient, whenSignedOut } from '@/api/client'
import { useSession } from '@/composables/useSession'
import App from './App.vue'
import { i18n, setUpLocale } from './i18n'
import { router, signInFor } from './router'

configureClient()
whenSignedOut(() => {
  useSession().forget()
  if (router.currentRoute.value.name !== 'sign-in') void router.push(signInFor(router.currentRoute.value))
})

const app = createApp(App)
app.use(createPinia())
app.use(PiniaColada, { queryOptions: { staleTime: 5_000, gcTime: 300_000 } })
app.use(router)
app.use(i18n)
app.use(ui)

await setUpLocale()
app.mount('#root')
