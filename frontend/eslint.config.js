import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** Who may not be imported by a layer: everything above it, and the sibling it must not know. */
const ABOVE = {
  lib: ['api', 'realtime', 'stores', 'composables', 'components', 'layouts', 'views', 'router', 'locales'],
  api: ['realtime', 'stores', 'composables', 'components', 'layouts', 'views', 'router', 'locales'],
  realtime: ['api', 'stores', 'composables', 'components', 'layouts', 'views', 'router', 'locales'],
  stores: ['composables', 'components', 'layouts', 'views', 'router'],
  composables: ['components', 'layouts', 'views', 'router'],
  components: ['layouts', 'views', 'router'],
  layouts: ['views', 'router'],
  views: ['layouts', 'router'],
}

const imports = (layer, names) => ({
  files: [`src/${layer}/**/*.{ts,vue}`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: layer === 'api' ? [] : [{ name: 'axios', message: 'Axios is used in src/api only.' }],
        patterns: [
          {
            group: names.flatMap((name) => [`@/${name}`, `@/${name}/*`, `**/../${name}/*`]),
            message: `Imports go downwards only: ${layer} must not know this.`,
          },
        ],
      },
    ],
  },
})

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'public/**', 'src/api/schema.d.ts'] },
  ...tseslint.configs.strict,
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] } },
    rules: {
      'vue/no-v-html': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/require-default-prop': 'off',
      'max-lines': ['error', 200],
    },
  },
  {
    files: ['src/**/*.{ts,vue}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Requests go through src/api.' }],
    },
  },
  { files: ['src/realtime/**', 'src/api/**'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['src/{api,stores,composables,components,layouts,views,lib}/**/*.{ts,vue}'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='WebSocket']", message: 'Sockets are opened in src/realtime only.' },
      ],
    },
  },
  ...Object.entries(ABOVE).map(([layer, names]) => imports(layer, names)),
  { files: ['**/*.{js,mjs}'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
