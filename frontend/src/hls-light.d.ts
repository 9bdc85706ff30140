/** The light build has the same interface; it leaves out alternate audio, DRM and in-band subtitles, which we do not use. */
declare module 'hls.js/light' {
  export * from 'hls.js'
  export { default } from 'hls.js'
}
