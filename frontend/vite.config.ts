import { fileURLToPath } from 'node:url'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const backend = process.env.BACKEND_URL ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [
    vue(),
    ui({
      // Composables are imported by name, so that a reader sees where they come from.
      autoImport: false,
      components: { dts: 'components.d.ts', dirs: [] },
      // Every icon that the source names travels in the bundle; none is fetched from an icon server.
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] }, sizeLimitKb: 64 } },
      ui: {
        colors: { primary: 'teal', neutral: 'zinc', warning: 'amber', error: 'red', info: 'sky', success: 'emerald' },
        button: { slots: { base: 'cursor-pointer' } },
        tabs: { slots: { trigger: 'cursor-pointer' } },
      },
    }),
  ],
  define: { __VUE_I18N_LEGACY_API__: false, __VUE_PROD_DEVTOOLS__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, proxy: { '/api': backend, '/media': backend } },
  build: { target: 'es2023', modulePreload: { polyfill: false }, reportCompressedSize: true },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.spec.ts'],
    restoreMocks: true,
  },
})
