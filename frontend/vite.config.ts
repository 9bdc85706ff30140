import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import ElementPlus from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

const service = 'http://localhost:8080'

export default defineConfig({
  plugins: [vue(), ElementPlus({})],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    // The service reads the manifest to render the page shell.
    manifest: true,
    target: 'es2022',
    // An inlined picture would need `data:` in the policy for every kind of content.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Few files, each of which changes for one reason: fewer ways there and back, and a new version brings little.
          groups: [
            { name: 'vendor', test: /node_modules\/(@?vue|@intlify|pinia|vue-|vue-router|axios|@vueuse\/core|@vueuse\/shared)/, priority: 3 },
            { name: 'shared', test: /\/src\/(api|lib|stores|realtime|composables|components\/base|layouts)\//, minShareCount: 4, priority: 2 },
            { name: 'cards', test: /\/src\/(components|composables|lib)\//, minShareCount: 3, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': service,
      '/media': service,
      '/ws': { target: service, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    // Only what hangs waits so long; a machine with much to do stands still for seconds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    css: false,
    server: { deps: { inline: ['element-plus'] } },
  },
})
