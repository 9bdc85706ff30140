/** Where an encoder sends the picture: the same host on RTMP's own port. */
export function serverUrl(host: string): string {
  return `rtmp://${host.includes(':') ? `[${host.replace(/[[\]]/g, '')}]` : host}/live`
}
